internal import Conventions
internal import Glibc

/// What lies in one directory, as far as it matters.
struct DirectoryListing {
    /// A directory on a file system, however it is reached.
    struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    var files: [SeenFile] = []
    var directories: [(path: String, identity: Identity)] = []
    /// Names that are not UTF-8, escaped for display.
    var unreadableNames: [String] = []

    /// Lists a directory; links are followed.
    ///
    /// - Returns: `nil` where it cannot be opened.
    init?(_ directory: String) {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        let descriptor = dirfd(stream)
        while let entry = readdir(stream) {
            guard let name = Self.name(of: entry) else {
                unreadableNames.append(Self.escapedName(of: entry))
                continue
            }
            guard FileNames.isTraversed(name), entry.pointee.d_type != UInt8(DT_REG) || FileNames.mayHoldScan(name)
            else { continue }
            add(name, in: directory, descriptor: descriptor)
        }
    }

    private mutating func add(_ name: String, in directory: String, descriptor: Int32) {
        var status = stat()
        guard fstatat(descriptor, name, &status, 0) == 0 else { return }
        let path = AbsolutePath.joined(directory, name)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            directories.append((path, Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))))
        case S_IFREG where FileNames.mayHoldScan(name):
            files.append(SeenFile(path: path, stamp: FileStamp(status)))
        default: break
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
        withNameBytes(of: entry) { String(validating: $0, as: UTF8.self) }
    }

    private static func escapedName(of entry: UnsafeMutablePointer<dirent>) -> String {
        withNameBytes(of: entry) { EscapedName.text($0) }
    }

    private static func withNameBytes<Result>(
        of entry: UnsafeMutablePointer<dirent>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            let name = UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self).prefix { $0 != 0 })
            return body(name)
        }
    }
}

/// Shows a file name that is not UTF-8.
enum EscapedName {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            byte >= 0x20 && byte < 0x7f
                ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
