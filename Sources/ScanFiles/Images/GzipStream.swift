internal import CISAL

/// The content of a gzip file, read from front to back.
final class GzipStream {
    private let path: String
    private let compressed: UnsafeMutableRawBufferPointer
    private let stream: UnsafeMutablePointer<lacuna_gunzip>
    /// Bytes of the content that were read so far.
    private(set) var position = 0
    /// The size of the content as the file states it at its end, modulo 2³².
    let statedSize: Int

    static func begins(with bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

    /// - Parameter mostBytes: how much of the file is needed, where its end is not.
    init(_ file: ByteStream, path: String, upTo mostBytes: Int = .max) throws(ScanFileError) {
        guard file.size < Int(UInt32.max) else {
            throw ScanFileError(
                path: path, problem: "expected less than 4 GiB of compressed data, found \(file.size) bytes")
        }
        self.path = path
        let end = try file.read(upTo: 4, at: max(0, file.size - 4))
        statedSize = end.reversed().reduce(0) { $0 << 8 | Int($1) }
        compressed = .allocate(byteCount: min(file.size, mostBytes), alignment: 16)
        do throws(ScanFileError) { try file.read(into: compressed, at: 0) } catch {
            compressed.deallocate()
            throw error
        }
        guard let stream = lacuna_gunzip_create(compressed.baseAddress, UInt32(compressed.count)) else {
            compressed.deallocate()
            throw ScanFileError(path: path, problem: "no memory is left to read it")
        }
        self.stream = stream
    }

    deinit {
        lacuna_gunzip_free(stream)
        compressed.deallocate()
    }

    /// Reads up to `buffer.count` bytes; fewer at the end of the content, or where the file is cut short.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...].prefix(1 << 30))
            let count = lacuna_gunzip_read(stream, rest.baseAddress, UInt32(rest.count))
            done += count
            if count < rest.count { break }
        }
        position += done
        return done
    }

    /// Fills `buffer`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFileError) {
        let start = position
        guard fill(buffer) == buffer.count else {
            throw ScanFileError(
                path: path,
                problem: "its compressed data end or are damaged \(position - start) bytes after the first \(start), "
                    + "expected \(buffer.count): truncated or still being written")
        }
    }

    func skip(_ count: Int) throws(ScanFileError) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 1 << 20), alignment: 16)
        defer { room.deallocate() }
        var left = count
        while left > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: room[..<min(left, room.count)])
            try read(into: part)
            left -= part.count
        }
    }

    /// Makes sure that the content ends here, with the right checksum.
    func finish() throws(ScanFileError) {
        var rest: [UInt8] = [0]
        let count = rest.withUnsafeMutableBytes { fill($0) }
        guard count == 0, lacuna_gunzip_is_damaged(stream) == 0 else {
            throw ScanFileError(
                path: path,
                problem:
                    "its compressed data do not end where they should, or with a wrong checksum: damaged or still being written"
            )
        }
    }
}
