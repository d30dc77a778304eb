internal import Foundation
internal import ScanFiles

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
