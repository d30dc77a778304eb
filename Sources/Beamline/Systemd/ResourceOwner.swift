internal import Conventions
internal import Foundation
internal import Glibc
internal import StatusSite
internal import SystemPackage

/// Whose process holds what another one wants: a socket, a port, a lock.
enum ResourceOwner {
    /// e.g. “process 1234 (lacuna, user lacuna)”; `nil` where the kernel does not tell this user.
    static func text(_ process: Int32?) -> String? {
        guard let process, process > 0 else { return nil }
        let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
        var status = stat()
        let user = stat("/proc/\(process)", &status) == 0 ? userName(status.st_uid) : nil
        let words = [
            name.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }, user.map { "user \($0)" },
        ].compactMap(\.self)
        return "process \(process)" + (words.isEmpty ? "" : " (\(words.joined(separator: ", ")))")
    }

    /// The process that answers on a Unix socket; `nil` where none does.
    static func process(listeningAt path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
        // A socket that refuses was left by a process that is gone.
        guard isConnected || errno == EACCES || errno == EAGAIN else { return nil }
        // `struct ucred`, which the headers show to GNU programs only.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard isConnected, getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return 0 }
        return credentials.pid
    }

    /// The process that holds a lock of flock(2) on a file or directory.
    ///
    /// - Parameter aloneOnly: locks that are shared with others do not count.
    static func process(lockingAt path: String, aloneOnly: Bool = false) -> Int32? {
        var status = stat()
        guard stat(path, &status) == 0, let locks = table("/proc/locks")
        else { return nil }
        // Of the device, /proc/locks shows major and minor number, which not all file systems share with stat(2).
        for line in locks.split(separator: "\n") where line.contains("FLOCK") && !line.contains("->") {
            let words = line.split(separator: " ")
            guard words.count >= 6, !aloneOnly || words[3] == "WRITE", let process = Int32(words[4]),
                words[5].split(separator: ":").last == "\(status.st_ino)"
            else { continue }
            return process
        }
        return nil
    }

    /// The daemon that watches a tree, or one above or below it.
    static func process(watching tree: String) -> Int32? {
        if let process = process(lockingAt: tree) { return process }
        var directory = AbsolutePath.directory(of: tree)
        while directory != "/" {
            if let process = process(lockingAt: directory, aloneOnly: true) { return process }
            directory = AbsolutePath.directory(of: directory)
        }
        return nil
    }

    /// Whether somebody listens at an address, and who; `nil` where it is free.
    static func listener(at address: HostAndPort) -> (isInUse: Bool, process: Int32?) {
        let name = String(format: ":%04X ", Int(address.port))
        for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let text = table(file) else { continue }
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                // Local address, remote address, state 0A: listening; the tenth is the inode.
                guard words.count > 9, words[3] == "0A", (words[1] + " ").hasSuffix(name), matches(words[1], address)
                else { continue }
                return (true, process(holdingSocket: String(words[9])))
            }
        }
        return (false, nil)
    }

    /// Whether a listening address and a wanted one exclude each other: any address excludes every other one.
    private static func matches(_ local: Substring, _ wanted: HostAndPort) -> Bool {
        let isAny = local.prefix { $0 != ":" }.allSatisfy { $0 == "0" }
        guard !isAny, !["0.0.0.0", "::"].contains(wanted.host) else { return true }
        let isLoopback = ["127.0.0.1", "localhost", "::1"].contains(wanted.host)
        return isLoopback == (local.hasPrefix("0100007F") || local.hasPrefix("00000000000000000000000001000000"))
    }

    private static func process(holdingSocket inode: String) -> Int32? {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.first { process in
            let directory = "/proc/\(process)/fd"
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            return descriptors.contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)"))
                    == "socket:[\(inode)]"
            }
        }
    }

    /// A table of the kernel, which it hands out piece by piece; Foundation takes the first short piece for the end.
    private static func table(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += piece.prefix(count)
        }
    }

    /// The user as whom a process runs; `nil` where there is none.
    static func user(of process: Int32) -> uid_t? {
        var status = stat()
        return stat("/proc/\(process)", &status) == 0 ? status.st_uid : nil
    }

    static func userName(_ user: uid_t) -> String? { getpwuid(user).map { String(cString: $0.pointee.pw_name) } }

    static func groupName(_ group: gid_t) -> String? { getgrgid(group).map { String(cString: $0.pointee.gr_name) } }
}

/// Room on the file system of an output.
enum FreeSpace {
    /// MiB that are free for this user where `path` lies or will lie.
    static func mebibytes(at path: String) throws(Errno) -> Int {
        var status = statvfs()
        var path = path
        while statvfs(path, &status) != 0 {
            let error = Errno(rawValue: errno)
            guard path != "/", error == .noSuchFileOrDirectory || error == .notDirectory else { throw error }
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
