@testable import ScanFiles

/// A file as the Lima detector server leaves it behind: full shape from the start, one chunk for each frame.
struct LimaFile {
    static let rows = 24
    static let columns = 32

    var detector = "mpx1x4"
    /// Frames for which the dataset has room.
    var room: Int
    /// The frames that were saved; by default all for which there is room.
    var written: [Int]?
    /// Index of the first frame within the scan, which decides about the counts.
    var first = 0
    /// Frames of the whole acquisition.
    var asked: Int?
    var endTime: String? = "2025-06-01T10:00:09Z"
    var filters: [HDF5Filter] = []
    /// Whether Lima acquired a second time into the file.
    var isAcquiredAgain = false
    /// Raw, flip, rotation, binning, region as Lima records them.
    var flippedRows = false
    var rotation = "None"
    var region: (firstRow: Int, firstColumn: Int)?

    /// The dataset that a BLISS master maps.
    var dataset: String { "/entry_0000/ESRF-ID01/\(detector)/data" }

    /// The counts of a frame, different in every voxel and every frame.
    static func counts(frame: Int) -> [UInt32] {
        (0..<rows * columns).map { UInt32((frame + 1) * 1000 + $0) }
    }

    func write(to path: String) throws {
        let root = try HDF5File(creating: path).root
        try root.setAttribute("NX_class", to: "NXroot")
        try root.setAttribute("creator", to: "LIMA-1.9.18")
        let entry = try root.createGroup("entry_0000")
        try entry.setAttribute("NX_class", to: "NXentry")
        try entry.write("title", "Lima 2D detector acquisition")
        try entry.write("start_time", "2025-06-01T10:00:00Z")
        let group = try entry.createGroup("ESRF-ID01").createGroup(detector)
        try group.setAttribute("NX_class", to: "NXdetector")
        try entry.createGroup("measurement").createSoftLink("data", to: dataset)
        try describe(group)
        try writeFrames(in: group)
        if let endTime { try entry.write("end_time", endTime) }
        if isAcquiredAgain { _ = try root.createGroup("entry_0001") }
    }

    private func describe(_ group: HDF5Group) throws {
        let information = try group.createGroup("detector_information")
        try information.write("name", detector)
        try information.write("type", "MAXIPIX")
        try information.write("model", "MPX-2x2")
        let pixel = try information.createGroup("pixel_size")
        try pixel.write("xsize", 55e-6)
        try pixel.write("ysize", 55e-6)
        let image = try information.createGroup("max_image_size")
        try image.write("xsize", Int32(Self.columns))
        try image.write("ysize", Int32(Self.rows))
        try group.createGroup("acquisition").write("nb_frames", Int32(asked ?? room))

        let operation = try group.createGroup("image_operation")
        let binning = try operation.createGroup("binning")
        try binning.write("x", Int32(1))
        try binning.write("y", Int32(1))
        let flipping = try operation.createGroup("flipping")
        try flipping.write("x", UInt8(0))
        try flipping.write("y", UInt8(flippedRows ? 1 : 0))
        try operation.write("rotation", rotation)
        let saved = try operation.createGroup("region_of_interest")
        try saved.write("xstart", Int32(region?.firstColumn ?? 0))
        try saved.write("ystart", Int32(region?.firstRow ?? 0))
        try saved.write("xsize", Int32(Self.columns))
        try saved.write("ysize", Int32(Self.rows))
    }

    private func writeFrames(in group: HDF5Group) throws {
        let extents = [1, Self.rows, Self.columns]
        let data = try group.createDataset(
            "data", shape: [room, Self.rows, Self.columns], type: .uint32,
            storage: HDF5Storage(chunk: extents, filters: filters, maximum: [-1, Self.rows, Self.columns]))
        for frame in written ?? Array(0..<room) {
            try Self.counts(frame: first + frame).withUnsafeBytes {
                try data.write(start: [frame, 0, 0], extents: extents, as: .uint32, from: $0)
            }
        }
    }
}
