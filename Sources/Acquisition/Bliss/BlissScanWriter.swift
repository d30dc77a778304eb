internal import Foundation
internal import ScanFiles

/// Writes a scan as a BLISS session does: Lima saves the frames, the session's writer keeps the dataset file.
final class BlissScanWriter: ScanWriter {
    var scanFile: String { tree.datasetFile }
    var frameFiles: [String] { series?.files.map(\.path) ?? [] }
    /// The scan's number in the dataset file.
    let number: Int

    private let tree: BlissTree
    private let description: ScanDescription
    private var entry: BlissEntry?
    private var series: LimaSeries?

    /// - Parameter directory: the directory of raw data; an existing dataset file in it gets one scan more.
    init(directory: String, description: ScanDescription) throws(ScanFileError) {
        self.description = description
        tree = BlissTree(directory: directory, description: description)
        number = try tree.nextScanNumber()
    }

    func begin(at time: Date) throws(ScanFileError) {
        let scanDirectory = "\(tree.datasetDirectory)/\(tree.scanDirectory(number))"
        try createDirectory(scanDirectory)
        let entry = try BlissEntry(
            inFile: tree.datasetFile, scan: number, directory: tree.scanDirectory(number), for: description, at: time)
        for master in tree.masters {
            try link(entry.name, inMaster: master.path, toFile: master.datasetFile, at: time)
        }
        try entry.markRunning(at: time)
        series = LimaSeries(prefix: "\(scanDirectory)/\(description.detector.name)_", for: description)
        self.entry = entry
    }

    func write(_ counts: [UInt32], frame: Int, at time: Date) throws(ScanFileError) {
        try series?.write(counts, at: time)
        try entry?.record(position: description.position(ofFrame: frame), at: time)
    }

    func end(_ reason: EndReason, at time: Date) throws(ScanFileError) {
        guard let series, let entry else { preconditionFailure("a scan ends after it began") }
        try series.end(at: time)
        try entry.end(reason, files: series.files, frames: series.written, at: time)
        self.entry = nil
    }

    private func link(
        _ entry: String, inMaster path: String, toFile datasetFile: String, at time: Date
    ) throws(ScanFileError) {
        let exists = FileManager.default.fileExists(atPath: path)
        let file = exists ? try HDF5File(appendingTo: path) : try HDF5File(creating: path)
        let lock = try FileLock(path)
        defer { _ = lock }
        try writing(path) { () throws(HDF5Failure) in
            let root = try file.root
            if !exists { try root.markAsBlissRoot(file: path, at: time, in: description.timeZone) }
            try root.createExternalLink(tree.linkName(ofEntry: entry), toFile: datasetFile, path: "/\(entry)")
        }
    }
}

extension HDF5Group {
    /// The attributes that BLISS gives to the root of each of its files.
    func markAsBlissRoot(file path: String, at time: Date, in zone: TimeZone) throws(HDF5Failure) {
        try setAttribute("NX_class", to: "NXroot")
        try setAttribute("creator", to: "blissdata")
        try setAttribute("publisher", to: "bliss")
        // BLISS gives the whole path; the name alone keeps files equal wherever they are made.
        try setAttribute("file_name", to: URL(filePath: path).lastPathComponent)
        try setAttribute("file_time", to: time.localTimestamp(in: zone))
    }
}
