internal import CZip
internal import Foundation

/// A zip file, opened for reading.
final class ZipArchive {
    /// A file within the archive.
    struct Member {
        var name: String
        /// Bytes when inflated.
        var size: Int
    }

    let path: String
    fileprivate let handle: OpaquePointer

    init(_ path: String) throws(ScanFileError) {
        var code: Int32 = 0
        guard let handle = zip_open(path, ZIP_RDONLY, &code) else {
            var error = zip_error_t()
            zip_error_init_with_code(&error, code)
            defer { zip_error_fini(&error) }
            let reason = String(cString: zip_error_strerror(&error))
            throw ScanFileError(
                path: path, problem: "cannot be opened as zip: \(reason); it is damaged or still being written")
        }
        self.handle = handle
        self.path = path
    }

    deinit { zip_discard(handle) }

    /// What the archive says of itself; empty for nothing.
    var comment: String {
        var length: Int32 = 0
        guard let bytes = zip_get_archive_comment(handle, &length, 0), length > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
    }

    var members: [Member] {
        (0..<max(0, zip_get_num_entries(handle, 0))).compactMap { index in
            var status = zip_stat_t()
            guard zip_stat_index(handle, zip_uint64_t(index), 0, &status) == 0, let name = status.name else {
                return nil
            }
            return Member(name: String(cString: name), size: Int(status.size))
        }
    }
}

/// One member of a zip file, inflated from its beginning to its end.
final class ZipStream {
    private let archive: ZipArchive
    private let member: String
    private let handle: OpaquePointer
    /// Inflated bytes that were read so far.
    private(set) var position = 0

    init(path: String, member: String) throws(ScanFileError) {
        archive = try ZipArchive(path)
        self.member = member
        guard let handle = zip_fopen(archive.handle, member, 0) else {
            let reason = String(cString: zip_strerror(archive.handle))
            throw ScanFileError(path: path, dataset: member, problem: "cannot be opened: \(reason)")
        }
        self.handle = handle
    }

    deinit { zip_fclose(handle) }

    /// Fills `buffer` with what comes next.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFileError) {
        guard try fill(buffer) == buffer.count else { throw error("ends after \(position) bytes") }
    }

    /// Reads as many bytes as there are, at most `count`.
    func read(upTo count: Int) throws(ScanFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(ScanFileError) in try fill(buffer) }
        }.get()
        return Array(bytes.prefix(read))
    }

    /// Inflates and drops what comes next.
    func skip(_ count: Int) throws(ScanFileError) {
        var left = count
        while left > 0 {
            let dropped = try read(upTo: min(left, 1 << 20)).count
            guard dropped > 0 else { throw error("ends after \(position) bytes") }
            left -= dropped
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ScanFileError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            guard let start = rest.baseAddress else { break }
            let read = zip_fread(handle, start, zip_uint64_t(rest.count))
            // The checksum is verified when the end is reached.
            guard read >= 0 else { throw error("is damaged: \(String(cString: zip_file_strerror(handle)))") }
            guard read > 0 else { break }
            done += Int(read)
        }
        position += done
        return done
    }

    private func error(_ problem: String) -> ScanFileError {
        ScanFileError(path: archive.path, dataset: member, problem: problem)
    }
}

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
