import Foundation
import Volume

@testable import ScanFiles

/// A tree of BLISS files as it lies on disk: masters, a dataset file and one directory for each scan.
struct BlissTree {
    /// One scan to be written.
    struct Entry {
        var number = 1
        var title = "ascan eta 18 19 3 1"
        var endTime: String? = "2025-06-01T12:00:10+02:00"
        var endReason: String?
        var status: String?
        var detector = "mpx1x4"
        /// Lima files and the number of frames that the master maps of each.
        var files: [(file: LimaFile, mapped: Int)] = [(LimaFile(room: 2), 2), (LimaFile(room: 2, first: 2), 2)]
        /// Indices of files that are mapped but not written.
        var absent: Set<Int> = []
        /// The Lima files are mapped whole, as h5py does it when told no part of them.
        var mapsWhole = false
        /// Positions of `eta`.
        var positions: [Double] = [18, 18.33, 18.67, 19]
    }

    let directory: String
    var proposalMaster: String { "\(directory)/hc1234_id01.h5" }
    var collectionMaster: String { "\(directory)/sample/hc1234_sample.h5" }
    var datasetFile: String { "\(directory)/sample/sample_0001/sample_0001.h5" }
    private var datasetDirectory: String { "\(directory)/sample/sample_0001" }

    func limaFile(scan: Int = 1, index: Int, detector: String = "mpx1x4") -> String {
        datasetDirectory + "/" + limaName(scan: scan, index: index, detector: detector)
    }

    private func limaName(scan: Int, index: Int, detector: String) -> String {
        String(format: "scan%04d/", scan) + detector + String(format: "_%04d.h5", index)
    }

    /// Writes the dataset file, the Lima files and both masters.
    ///
    /// - Parameter separate: Each entry lies in a file of its own in the scan's directory.
    func write(_ entries: Entry..., separate: Bool = false) throws {
        try FileManager.default.createDirectory(atPath: datasetDirectory, withIntermediateDirectories: true)
        let root = try HDF5File(creating: datasetFile).root
        try mark(root)
        for entry in entries {
            let scanDirectory = String(format: "scan%04d", entry.number)
            try FileManager.default.createDirectory(
                atPath: "\(datasetDirectory)/\(scanDirectory)", withIntermediateDirectories: true)
            for (index, file) in entry.files.enumerated() where !entry.absent.contains(index) {
                try file.file.write(to: limaFile(scan: entry.number, index: index, detector: entry.detector))
            }
            guard separate else {
                try write(entry, in: root, up: "")
                continue
            }
            let own = "\(scanDirectory)/bliss_master.h5"
            let ownRoot = try HDF5File(creating: "\(datasetDirectory)/\(own)").root
            try mark(ownRoot)
            try write(entry, in: ownRoot, up: "../")
            try root.createExternalLink("\(entry.number).1", toFile: own, path: "/\(entry.number).1")
        }
        try link(entries, from: collectionMaster, to: "sample_0001/sample_0001.h5", prefix: "")
        try link(entries, from: proposalMaster, to: "sample/hc1234_sample.h5", prefix: "sample_0001_")
    }

    private func mark(_ root: HDF5Group) throws {
        try root.setAttribute("NX_class", to: "NXroot")
        try root.setAttribute("creator", to: "blissdata")
        try root.setAttribute("publisher", to: "bliss")
    }

    private func link(_ entries: [Entry], from master: String, to file: String, prefix: String) throws {
        let root = try HDF5File(creating: master).root
        try mark(root)
        for entry in entries {
            try root.createExternalLink(
                "sample_0001_\(entry.number).1", toFile: file, path: "/\(prefix)\(entry.number).1")
        }
    }

    private func write(_ entry: Entry, in root: HDF5Group, up: String) throws {
        let name = "\(entry.number).1"
        let group = try root.createGroup(name)
        try group.setAttribute("NX_class", to: "NXentry")
        try group.write("title", entry.title)
        try group.write("start_time", "2025-06-01T12:00:00+02:00")
        let instrument = try group.createGroup("instrument")
        try instrument.setAttribute("NX_class", to: "NXinstrument")
        let detector = try instrument.createGroup(entry.detector)
        try detector.setAttribute("NX_class", to: "NXdetector")
        try detector.write("type", "lima")
        try detector.write("x_pixel_size", 55e-6)
        try detector.write("distance", 0.83)
        try detector.write("dim_i", Int64(LimaFile.columns))
        let positioners = try instrument.createGroup("positioners")
        let eta = try positioners.write("eta", entry.positions)
        try eta.setAttribute("units", to: "deg")
        try positioners.write("mu", 0.5)
        try group.createGroup("sample").write("name", "gold")
        let measurement = try group.createGroup("measurement")

        let mapped = entry.files.map(\.mapped)
        let frames = mapped.reduce(0, +)
        if frames > 0 {
            let image = [LimaFile.rows, LimaFile.columns]
            let sources = entry.files.indices.map { index in
                HDF5VirtualSource(
                    file: up + limaName(scan: entry.number, index: index, detector: entry.detector),
                    dataset: entry.files[index].file.dataset,
                    start: [mapped.prefix(index).reduce(0, +), 0, 0], extents: [mapped[index]] + image,
                    sourceStart: entry.mapsWhole ? [] : [0, 0, 0],
                    sourceExtents: entry.mapsWhole ? [] : [mapped[index]] + image)
            }
            let data = try detector.createVirtualDataset(
                "data", shape: [frames] + image, type: .uint32, sources: sources,
                sourceShapes: zip(entry.files, mapped).map { [max($0.file.room, $1)] + image })
            try data.setAttribute("interpretation", to: "image")
            try measurement.createSoftLink(entry.detector, to: "/\(name)/instrument/\(entry.detector)/data")
        }
        if let status = entry.status { try group.createGroup("writer").write("status", status) }
        if let reason = entry.endReason { try group.write("end_reason", reason) }
        if let endTime = entry.endTime { try group.write("end_time", endTime) }
    }
}

/// The voxels of a whole scan as read in blocks.
func readAll(_ scan: Scan, blocks: Int = 3) throws -> [Float] {
    let reader = try FrameReader(scan)
    var voxels: [Float] = []
    for start in stride(from: 0, to: reader.shape.frames, by: blocks) {
        voxels += try reader.read(frames: start..<min(start + blocks, reader.shape.frames)).decode().voxels
    }
    try reader.verifyUnchanged()
    return voxels
}

/// The counts that ``LimaFile`` writes into the first frames of a scan.
func limaCounts(frames: Int) -> [Float] { (0..<frames).flatMap { LimaFile.counts(frame: $0).map { Float($0) } } }
