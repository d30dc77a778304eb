internal import Conventions
internal import Glibc

/// Room on the file system of an output.
enum FreeSpace {
    /// MiB that are free for this user where `path` lies or will lie; `nil` where that cannot be told.
    static func mebibytes(at path: String) -> Int? {
        var status = statvfs()
        var path = path
        while statvfs(path, &status) != 0 {
            guard path != "/" else { return nil }
            path = AbsolutePath.directory(of: path)
        }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize) / 1_048_576)
    }
}
