internal import Foundation

/// A hidden file beside its final place that takes its final name only when it is complete, and vanishes otherwise.
final class PartialFile {
    let finalPath: String
    /// `.<final name>.<process id>.partial` in the same directory.
    let path: String
    /// Open from the beginning, so that a write that fails later, as on NFS, is still reported here.
    private let descriptor: Int32
    private let occupant: NameOccupant
    private var isCommitted = false

    /// Creates the file after removing what dead processes left of the same output.
    ///
    /// - Parameter occupant: what may lie under the final name when the file takes it.
    init(for finalPath: String, replacing occupant: NameOccupant = .anything) throws(ScanFileError) {
        self.occupant = occupant
        let url = URL(filePath: finalPath)
        let directory = url.deletingLastPathComponent()
        let name = url.lastPathComponent
        Self.removeStale(of: name, in: directory)

        var status = stat()
        if stat(finalPath, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Self.error(finalPath, "cannot be written", EISDIR)
        }
        self.finalPath = finalPath
        path = directory.appending(path: ".\(name).\(getpid()).partial").path(percentEncoded: false)
        unlink(path)
        descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.error(finalPath, "cannot be created", errno) }
    }

    deinit {
        remove()
        close(descriptor)
    }

    /// Removes the file unless it has its final name.
    func remove() {
        if !isCommitted { unlink(path) }
    }

    /// Writes a whole file's bytes.
    func write(_ bytes: [UInt8]) throws(ScanFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.error(finalPath, "cannot be written", errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes sure that the disk has room for the file's first bytes, written or not.
    func reserve(bytes: Int) throws(ScanFileError) {
        let status = posix_fallocate(descriptor, 0, bytes)
        // Other reasons are those of file systems that cannot tell.
        guard status != ENOSPC, status != EDQUOT, status != EFBIG else {
            throw Self.error(finalPath, "cannot be written", status)
        }
    }

    /// Makes the file durable and gives it its final name; removes it if that fails.
    func commit() throws(ScanFileError) {
        defer { remove() }
        guard fsync(descriptor) == 0 else { throw Self.error(finalPath, "cannot be written", errno) }
        try occupant.giveWay(at: finalPath, to: path)
        isCommitted = true

        let directory = URL(filePath: finalPath).deletingLastPathComponent().path(percentEncoded: false)
        let directoryDescriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directoryDescriptor >= 0 else { throw Self.error(finalPath, "cannot be made durable", errno) }
        defer { close(directoryDescriptor) }
        // Some network file systems know no such call for directories.
        guard fsync(directoryDescriptor) == 0 || errno == EINVAL else {
            throw Self.error(finalPath, "cannot be made durable", errno)
        }
    }

    /// An error that gives the system's reason, e.g. "cannot be written: No space left on device".
    static func error(_ path: String, _ action: String, _ number: Int32) -> ScanFileError {
        ScanFileError(
            [ENOSPC, EDQUOT].contains(number) ? .outputFull : .output, path: path,
            problem: "\(action): \(String(cString: strerror(number)))")
    }

    private static func removeStale(of name: String, in directory: URL) {
        let directoryPath = directory.path(percentEncoded: false)
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: directoryPath)) ?? [] {
            guard entry.hasPrefix(".\(name)."), entry.hasSuffix(".partial"),
                let process = pid_t(entry.dropFirst(name.count + 2).dropLast(".partial".count)),
                process > 0, kill(process, 0) != 0, errno == ESRCH
            else { continue }
            unlink(directory.appending(path: entry).path(percentEncoded: false))
        }
    }
}
