internal import CSystemd
internal import Conventions
internal import Foundation
internal import Glibc
internal import SystemPackage

// The headers of libsystemd bring `timespec` in, and may count as its home.

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

    /// The stamp of a regular file, links followed, or, for a series of frames, of the directory that holds them; `nil`
    /// where there is none.
    ///
    /// - Throws: why nobody can tell, e.g. `EACCES` or `EIO`.
    static func read(_ path: String) throws(Errno) -> FileStamp? {
        let file = try status(of: path).flatMap { $0.st_mode & S_IFMT == S_IFREG ? FileStamp($0) : nil }
        guard file == nil, let series = FrameSeriesName(path: path) else { return file }
        return try status(of: series.directory).flatMap { $0.st_mode & S_IFMT == S_IFDIR ? FileStamp($0) : nil }
    }

    private static func status(of path: String) throws(Errno) -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        let error = Errno(rawValue: errno)
        if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
        throw error
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

/// The kind of file system on which a path lies, e.g. `ext4` or `nfs4`, as the kernel's mount table names it.
struct FileSystemKind: Sendable, Equatable {
    var name: String

    /// - Parameter mounts: the content of `/proc/self/mountinfo`.
    init?(of path: String, mounts: String) {
        let path = AbsolutePath.normalised(path)
        var best: (point: String, kind: String)?
        for line in mounts.split(separator: "\n") {
            // 36 35 98:0 /root /mount/point options - type source superoptions; see proc(5).
            let halves = line.components(separatedBy: " - ")
            let before = halves[0].split(separator: " ")
            guard halves.count > 1, before.count > 4, let kind = halves[1].split(separator: " ").first else { continue }
            let point = Self.unescaped(before[4])
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            // A later mount on the same point covers the earlier one.
            if point.utf8.count >= best?.point.utf8.count ?? 0 { best = (point, String(kind)) }
        }
        guard let best else { return nil }
        name = best.kind
    }

    init?(of path: String) {
        guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else { return nil }
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        self.init(of: resolved, mounts: mounts)
    }

    /// Whether changes made on another machine cause no inotify events here.
    var isRemote: Bool {
        let remote = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "gpfs", "lustre", "beegfs", "ceph", "9p", "afs", "fuse"]
        return remote.contains(name) || name.hasPrefix("fuse.")
    }

    /// The mount table writes blanks in paths as `\040`.
    private static func unescaped(_ text: Substring) -> String {
        [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(text)) { text, escape in
            text.replacingOccurrences(of: escape.0, with: escape.1)
        }
    }
}
