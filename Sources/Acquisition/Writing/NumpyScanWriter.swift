internal import Foundation
internal import ScanFiles
internal import Volume

/// Writes a scan as a NumPy archive of `data` (frame, slow, fast) and `mask` (slow, fast; 1 = gap).
final class NumpyScanWriter: ScanWriter {
    let scanFile: String
    var frameFiles: [String] { [scanFile] }

    private let description: ScanDescription
    private let mask: [UInt8]
    private var frames: NumpyFileWriter?

    /// - Parameter mask: 1 for each pixel of the saved frame that counts nothing.
    init(directory: String, description: ScanDescription, mask: [UInt8]) throws(ScanFileError) {
        scanFile = "\(directory)/\(description.sample)_\(description.dataset).npz"
        self.description = description
        self.mask = mask
        try checkAbsent(scanFile)
        guard description.compression != .bslz4 else {
            throw ScanFileError(.output, path: scanFile, problem: "a NumPy archive knows no bitshuffle compression")
        }
    }

    /// The arrays wait in hidden files beside the archive, since their sizes stand at its beginning.
    private func part(_ name: String) -> String {
        let file = URL(filePath: scanFile)
        return "\(file.deletingLastPathComponent().path)/.\(file.lastPathComponent).\(name).npy"
    }

    func begin(at time: Date) throws(ScanFileError) {
        frames = try NumpyFileWriter(
            creating: part("data"), type: .uint32,
            shape: [description.frames, description.frame.rows, description.frame.columns])
    }

    func write(_ counts: [UInt32], frame: Int, at time: Date) throws(ScanFileError) {
        try frames?.append(counts)
    }

    func end(_ reason: EndReason, at time: Date) throws(ScanFileError) {
        frames = nil
        do {
            let frame = description.frame
            let file = try NumpyFileWriter(creating: part("mask"), type: .uint8, shape: [frame.rows, frame.columns])
            try file.append(mask)
        }
        try NumpyArchiveWriter.write(
            scanFile, arrays: ["data": part("data"), "mask": part("mask")],
            isCompressed: description.compression == .gzip)
        removeParts()
    }

    private func removeParts() {
        for name in ["data", "mask"] { try? FileManager.default.removeItem(atPath: part(name)) }
    }

    deinit { removeParts() }
}
