internal import Foundation

/// A file that holds frames, as it was when the scan was looked at.
public struct SourceFile: Hashable, Sendable {
    public let path: String
    /// Bytes.
    public let size: Int
    /// Seconds since 1970.
    public let modificationTime: Double
    /// Tells a file from another one that took its name.
    private let inode: UInt64

    /// - Throws: ``ScanFileError`` when there is no such file.
    public init(_ path: String) throws(ScanFileError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ScanFileError(
                path: path, problem: errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
        }
        self.path = path
        size = Int(status.st_size)
        modificationTime = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
        inode = UInt64(status.st_ino)
    }

    /// True when a path leads to this very file, by whatever name.
    public func isFile(at other: String) -> Bool {
        var (own, status) = (stat(), stat())
        return stat(path, &own) == 0 && stat(other, &status) == 0
            && own.st_dev == status.st_dev && own.st_ino == status.st_ino
    }

    /// - Throws: ``ScanFileError`` when the file has vanished, was replaced or was written to since.
    public func verifyUnchanged() throws(ScanFileError) {
        guard try SourceFile(path) == self else {
            throw ScanFileError(path: path, problem: "changed while it was being read")
        }
    }
}

/// A number that changes when any of the given facts changes: 64-bit FNV-1a, in hexadecimal.
func fingerprint(of facts: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in facts.joined(separator: "\n").utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
