internal import Foundation

/// A file that is read at given positions.
final class ByteStream {
    private let path: String
    private let descriptor: Int32
    /// Bytes.
    let size: Int

    init(file path: String) throws(ScanFileError) {
        try HDF5File.checkReadable(path)
        descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ScanFileError(path: path, problem: String(cString: strerror(errno))) }
        var status = stat()
        fstat(descriptor, &status)
        size = Int(status.st_size)
        self.path = path
    }

    deinit { close(descriptor) }

    /// Fills `buffer`.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ScanFileError) {
        guard try fill(buffer, at: offset) == buffer.count else {
            throw ScanFileError(path: path, problem: "ends before byte \(offset + buffer.count)")
        }
    }

    /// Reads as many bytes as there are, at most `count`.
    func read(upTo count: Int, at offset: Int) throws(ScanFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(ScanFileError) in try fill(buffer, at: offset) }
        }.get()
        return Array(bytes.prefix(read))
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ScanFileError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let read = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw ScanFileError(path: path, problem: String(cString: strerror(errno))) }
            guard read > 0 else { break }
            done += read
        }
        return done
    }
}
