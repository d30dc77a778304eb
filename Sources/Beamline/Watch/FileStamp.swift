// The headers of libsystemd bring `timespec` in, and may count as its home.
internal import CSystemd
internal import Glibc

/// What tells whether a file has changed since it was looked at.
struct FileStamp: Sendable, Hashable {
    var size: Int64
    /// Modification time in nanoseconds since 1970.
    var modifiedNanoseconds: Int64
    var inode: Int64

    init(size: Int64, modifiedNanoseconds: Int64, inode: Int64) {
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.inode = inode
    }

    /// The stamp as the fingerprint of a file in which nothing else can be told apart.
    var text: String { "\(size) \(modifiedNanoseconds) \(inode)" }

    init(_ status: stat) {
        size = Int64(status.st_size)
        modifiedNanoseconds = Self.nanoseconds(Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec))
        inode = Int64(bitPattern: UInt64(status.st_ino))
    }

    /// Nanoseconds since 1970; dates before 1677 and after 2262, which some file gets by mistake, count as these.
    static func nanoseconds(_ seconds: Int64, _ rest: Int64) -> Int64 {
        let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = whole.addingReportingOverflow(rest)
        return isTooLarge || overflows ? (seconds < 0 ? .min : .max) : sum
    }

    /// The stamp of a regular file, links followed; `nil` where there is none.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(status)
    }
}

/// A file as it was met in a watched tree.
struct SeenFile: Sendable, Hashable {
    var path: String
    var stamp: FileStamp

    init(path: String, stamp: FileStamp) {
        self.path = path
        self.stamp = stamp
    }
}
