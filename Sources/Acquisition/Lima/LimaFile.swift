internal import Detectors
internal import Foundation
internal import ScanFiles
internal import Volume

/// One HDF5 file as the detector server Lima writes it; (frame, slow = row, fast = column).
///
/// The groups appear when the file is opened, the dataset in its full shape at the first frame, `end_time` when the
/// file is closed. In between nothing is flushed.
final class LimaFile {
    let path: String
    /// Frames that the file is made for.
    let capacity: Int
    private(set) var written = 0

    private let description: ScanDescription
    private let entry: HDF5Group
    private let detector: HDF5Group
    private var datasets: (frames: HDF5Dataset, times: HDF5Dataset)?
    /// The last property, so that the file is closed before it is unlocked.
    private let lock: FileLock

    /// The path of the frames within the file.
    static func dataPath(_ description: ScanDescription) -> String {
        "/entry_0000/\(instrumentName(description))/\(description.detector.name)/data"
    }

    static func instrumentName(_ description: ScanDescription) -> String { "ESRF-\(description.beamline.uppercased())" }

    init(creating path: String, for description: ScanDescription, capacity: Int, at time: Date) throws(ScanFileError) {
        self.path = path
        self.capacity = capacity
        self.description = description
        let file = try HDF5File(creating: path)
        lock = try FileLock(path)
        (entry, detector) = try writing(path) { () throws(HDF5Failure) in
            try Self.layOut(file, for: description, at: time)
        }
    }

    /// Writes the next frame.
    func write(_ counts: [UInt32], at time: Date) throws(ScanFileError) {
        try writing(path) { () throws(HDF5Failure) in
            let datasets = if let datasets { datasets } else { try createDatasets(at: time) }
            try datasets.frames.write(counts, start: [written, 0, 0], extents: description.chunk)
            try datasets.times.write([time.timeIntervalSince1970], start: [written], extents: [1])
        }
        written += 1
    }

    /// Writes what Lima writes when it closes the file; the file is closed with the last reference to this object.
    func end(at time: Date) throws(ScanFileError) {
        try writing(path) { () throws(HDF5Failure) in
            try detector.createSoftLink("plot/data", to: Self.dataPath(description))
            try entry.write("end_time", time.universalTimestamp)
        }
    }

    private func createDatasets(at time: Date) throws(HDF5Failure) -> (frames: HDF5Dataset, times: HDF5Dataset) {
        try entry.write("start_time", time.universalTimestamp)
        let frame = description.frame
        let storage = HDF5Storage(
            chunk: description.chunk, filters: description.compression.filters,
            maximum: [-1, frame.rows, frame.columns])
        let frames = try detector.createDataset(
            "data", shape: [capacity, frame.rows, frame.columns], type: .uint32, storage: storage)
        try frames.setAttribute("interpretation", to: "image")
        let times = try detector.createDataset("time_of_frame", shape: [capacity], type: .float64)
        datasets = (frames, times)
        return (frames, times)
    }
}

extension LimaFile {
    private static func layOut(
        _ file: HDF5File, for description: ScanDescription, at time: Date
    ) throws(HDF5Failure) -> (entry: HDF5Group, detector: HDF5Group) {
        let root = try file.root
        let instrumentName = instrumentName(description)
        let detectorName = description.detector.name
        try root.setAttribute("NX_class", to: "NXroot")
        try root.setAttribute("creator", to: "LIMA-1.10.0")
        try root.setAttribute("default", to: "/entry_0000")
        // Lima gives the whole path; the name alone keeps files equal wherever they are made.
        try root.setAttribute("file_name", to: URL(filePath: file.path).lastPathComponent)
        try root.setAttribute("file_time", to: time.universalTimestamp)

        let entry = try root.createGroup("entry_0000", class: "NXentry")
        try entry.setAttribute("default", to: "\(instrumentName)/\(detectorName)/plot")
        try entry.write("title", "Lima 2D detector acquisition")
        let instrument = try entry.createGroup(instrumentName, class: "NXinstrument")
        try instrument.setAttribute("default", to: "\(detectorName)/plot")
        let measurement = try entry.createGroup("measurement", class: "NXcollection")
        try measurement.createSoftLink("data", to: dataPath(description))

        let detector = try instrument.createGroup(detectorName, class: "NXdetector")
        try detector.setAttribute("default", to: "plot")
        try detector.createCollection("header")
        try detector.createCollection("plot", class: "NXdata").setAttribute("signal", to: "data")
        try writeDetectorInformation(description, to: detector)
        try detector.createCollection(
            "acquisition",
            [
                "mode": "Single", "exposure_time": .number(description.exposureSeconds), "latency_time": 0.0,
                "nb_frames": .integer(description.frames), "trigger_mode": "IntTrigMult",
            ])
        try writeOperations(description, to: detector)
        return (entry, detector)
    }

    private static func writeDetectorInformation(
        _ description: ScanDescription, to parent: HDF5Group
    ) throws(HDF5Failure) {
        let detector = description.detector
        let information = try parent.createCollection(
            "detector_information",
            [
                "name": .text(detector.name), "type": .text(detector.type), "model": .text(detector.model),
                "image_lima_type": "Bpp32",
            ])
        try information.createCollection(
            "pixel_size", ["xsize": .number(detector.columnPitchMetres), "ysize": .number(detector.rowPitchMetres)])
        try information.createCollection(
            "max_image_size", ["xsize": .integer(detector.shape.columns), "ysize": .integer(detector.shape.rows)])
    }

    /// Lima counts x along the fast and y along the slow axis.
    private static func writeOperations(_ description: ScanDescription, to parent: HDF5Group) throws(HDF5Failure) {
        let operations = description.operations
        let frame = description.frame
        let image = try parent.createCollection(
            "image_operation",
            ["rotation": .text("Rotation_\(operations.rotationDegrees)"), "bin_mode": "Bin_Sum"])
        try image.createCollection("dimension", ["xsize": .integer(frame.columns), "ysize": .integer(frame.rows)])
        try image.createCollection(
            "binning", ["x": .integer(operations.columnBinning), "y": .integer(operations.rowBinning)])
        let region = operations.region
        try image.createCollection(
            "region_of_interest",
            [
                "xstart": .integer(region?.firstColumn ?? 0), "ystart": .integer(region?.firstRow ?? 0),
                "xsize": .integer(region?.columns ?? frame.columns), "ysize": .integer(region?.rows ?? frame.rows),
            ])
        let flipping = try image.createCollection("flipping")
        try flipping.write("x", UInt8(operations.flippedColumns ? 1 : 0))
        try flipping.write("y", UInt8(operations.flippedRows ? 1 : 0))
    }
}

/// The Lima files of one scan, `<prefix>0000.h5`, `<prefix>0001.h5`, …, each closed when the next one starts.
final class LimaSeries {
    /// The files so far with the number of frames that each was made for.
    private(set) var files: [(path: String, capacity: Int)] = []
    private(set) var written = 0

    private let prefix: String
    private let description: ScanDescription
    private var current: LimaFile?

    init(prefix: String, for description: ScanDescription) {
        self.prefix = prefix
        self.description = description
    }

    func write(_ counts: [UInt32], at time: Date) throws(ScanFileError) {
        let file = try openFile(at: time)
        try file.write(counts, at: time)
        written += 1
        if file.written == file.capacity { try end(at: time) }
    }

    /// Ends the file that is being written, if there is one.
    func end(at time: Date) throws(ScanFileError) {
        try current?.end(at: time)
        current = nil
    }

    private func openFile(at time: Date) throws(ScanFileError) -> LimaFile {
        if let current { return current }
        let path = prefix + String(format: "%04d.h5", files.count)
        let capacity = min(description.framesPerFile, description.frames - written)
        let file = try LimaFile(creating: path, for: description, capacity: capacity, at: time)
        files.append((path, capacity))
        current = file
        return file
    }
}

/// Writes the Lima file alone.
final class LimaScanWriter: ScanWriter {
    let scanFile: String
    var frameFiles: [String] { [scanFile] }

    private let description: ScanDescription
    private var file: LimaFile?

    /// - Parameter directory: the file becomes `<detector>_0000.h5` in it.
    init(directory: String, description: ScanDescription) throws(ScanFileError) {
        scanFile = "\(directory)/\(description.detector.name)_0000.h5"
        self.description = description
        try checkAbsent(scanFile)
    }

    func begin(at time: Date) throws(ScanFileError) {
        file = try LimaFile(creating: scanFile, for: description, capacity: description.frames, at: time)
    }

    func write(_ counts: [UInt32], frame: Int, at time: Date) throws(ScanFileError) {
        try file?.write(counts, at: time)
    }

    func end(_ reason: EndReason, at time: Date) throws(ScanFileError) {
        try file?.end(at: time)
        file = nil
    }
}
