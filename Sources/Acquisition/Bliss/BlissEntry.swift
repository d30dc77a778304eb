internal import Foundation
internal import ScanFiles
internal import Volume

/// The entry `<scan>.1` of a BLISS dataset file, while its scan runs.
///
/// Written in the order of BLISS's writer: the title and what is known at the start, the motor's positions as they
/// come, then the virtual dataset over the Lima files, `end_reason`, the status and, last of all, `end_time`.
final class BlissEntry {
    /// `<scan>.1`.
    let name: String

    private let path: String
    private let description: ScanDescription
    private let file: HDF5File
    private let entry: HDF5Group
    private let instrument: HDF5Group
    private let detector: HDF5Group
    private let writer: HDF5Group
    private let positions: HDF5Dataset
    private var points = 0
    private var lastFlush: Date
    /// The last property, so that the file is closed before it is unlocked.
    private let lock: FileLock

    /// - Parameter directory: the directory of the Lima files, as seen from the dataset file.
    init(
        inFile path: String, scan: Int, directory: String, for description: ScanDescription, at time: Date
    ) throws(ScanFileError) {
        let exists = FileManager.default.fileExists(atPath: path)
        let file = exists ? try HDF5File(appendingTo: path) : try HDF5File(creating: path)
        lock = try FileLock(path)
        self.file = file
        self.path = path
        self.description = description
        let name = "\(scan).1"
        self.name = name
        lastFlush = time
        (entry, writer, instrument, detector, positions) = try writing(path) { () throws(HDF5Failure) in
            let root = try file.root
            if !exists {
                try root.markAsBlissRoot(file: path, at: time, in: description.timeZone)
                try root.setAttribute("default", to: name)
            }
            let entry = try root.createGroup(name, class: "NXentry")
            try entry.write("title", description.title)
            try entry.write("start_time", time.localTimestamp(in: description.timeZone))
            let writer = try entry.createCollection("writer", class: "NXnote", ["status": "STARTING"])
            try entry.createCollection("sample", class: "NXsample", ["name": .text(description.sample)])
            let instrument = try entry.createGroup("instrument", class: "NXinstrument")
            try instrument.write("title", "ESRF: \(description.beamline)")
            try instrument.createPositioners("positioners_start", of: description, at: description.travel.lowerBound)
            let detector = try instrument.createBlissDetector(description, directory: directory)
            let positions = try instrument.createMotor(description)
            let measurement = try entry.createGroup("measurement", class: "NXcollection")
            try measurement.createSoftLink(description.motor, to: positions.path)
            try measurement.createSoftLink(description.detector.name, to: "\(detector.path)/data")
            return (entry, writer, instrument, detector, positions)
        }
    }

    func markRunning(at time: Date) throws(ScanFileError) {
        try writing(path) { () throws(HDF5Failure) in
            try writer.write("status", "RUNNING")
            try writer.write("date", time.localTimestamp(in: description.timeZone))
            try file.flush()
        }
    }

    /// Adds the position of the motor for the next frame; flushes every half second.
    func record(position: Double, at time: Date) throws(ScanFileError) {
        points += 1
        try writing(path) { () throws(HDF5Failure) in
            try positions.resize(to: [points])
            try positions.write([position], start: [points - 1], extents: [1])
            guard time.timeIntervalSince(lastFlush) >= 0.5 else { return }
            lastFlush = time
            try file.flush()
        }
    }

    /// - Parameter files: the Lima files with the number of frames that each was made for.
    func end(
        _ reason: EndReason, files: [(path: String, capacity: Int)], frames: Int, at time: Date
    ) throws(ScanFileError) {
        try writing(path) { () throws(HDF5Failure) in
            try linkFrames(files, count: frames)
            try instrument.createPositioners("positioners", of: description, linkTo: positions.path)
            let last = description.position(ofFrame: max(0, points - 1))
            try instrument.createPositioners("positioners_end", of: description, at: last)
            try entry.write("end_reason", reason.rawValue)
            try writer.write("status", "SUCCEEDED")
            try writer.write("date", time.localTimestamp(in: description.timeZone))
            try entry.write("end_time", time.localTimestamp(in: description.timeZone))
        }
    }

    /// Makes the frames of the Lima files one virtual dataset.
    private func linkFrames(_ files: [(path: String, capacity: Int)], count: Int) throws(HDF5Failure) {
        let frame = description.frame
        var sources: [HDF5VirtualSource] = []
        var first = 0
        for file in files where first < count {
            let frames = min(file.capacity, count - first)
            let location = URL(filePath: file.path)
            sources.append(
                HDF5VirtualSource(
                    file: "\(location.deletingLastPathComponent().lastPathComponent)/\(location.lastPathComponent)",
                    dataset: LimaFile.dataPath(description),
                    start: [first, 0, 0], extents: [frames, frame.rows, frame.columns],
                    sourceStart: [0, 0, 0], sourceExtents: [frames, frame.rows, frame.columns]))
            first += frames
        }
        let data = try detector.createVirtualDataset(
            "data", shape: [count, frame.rows, frame.columns], type: .uint32, sources: sources,
            sourceShapes: files.prefix(sources.count).map { [$0.capacity, frame.rows, frame.columns] },
            maximum: [-1, frame.rows, frame.columns])
        try data.setAttribute("interpretation", to: "image")
    }
}
