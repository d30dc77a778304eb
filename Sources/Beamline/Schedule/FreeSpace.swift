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
        return mebibytes(blocks: UInt64(status.f_bavail), ofBytes: UInt64(status.f_frsize))
    }

    /// The product itself may be beyond 64 bits on a file system that knows no limit.
    static func mebibytes(blocks: UInt64, ofBytes size: UInt64) -> Int {
        let (high, low) = blocks.multipliedFullWidth(by: size)
        guard high < 1_048_576 else { return .max }
        return Int(clamping: UInt64(1_048_576).dividingFullWidth((high, low)).quotient)
    }

    /// Whether a file of so many MiB can be made in a directory, which a quota may forbid that nothing else shows.
    ///
    /// A hidden file takes the room and vanishes at once.
    static func canTake(_ mebibytes: Int, in directory: String) -> Bool {
        let path = AbsolutePath.joined(directory, ".lacuna-space-\(getpid())")
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno != ENOSPC && errno != EDQUOT }
        defer {
            unlink(path)
            close(descriptor)
        }
        let result = posix_fallocate(descriptor, 0, off_t(max(1, mebibytes)) << 20)
        return result != ENOSPC && result != EDQUOT && result != EFBIG
    }
}
