internal import CRename
internal import Conventions
internal import Foundation

/// The right to write the output of a scan under a name: nothing lies there, or something that may be replaced.
///
/// Whatever lies there when the output is complete and was not looked at here stays as it is.
public struct OutputClaim: Sendable {
    /// What may be replaced.
    public enum Permission: Sendable {
        case nothing
        /// An output of the same scan that the daemon had asked for.
        case ownOfDaemon
        /// An output of the same scan, whoever asked for it.
        case own
        /// An output of any scan: the user has named it.
        case anyOutput
    }

    public let path: String
    let occupant: NameOccupant
    /// What may lie under the name of the output's picture.
    let pictureOccupant: NameOccupant

    /// - Parameters:
    ///   - path: the output's final place.
    ///   - scan: of which scan it is to be.
    /// - Throws: ``ScanFileError`` of the kind ``ScanFileError/Kind/occupied`` when something lies there that may not be
    ///   replaced.
    public init(path: String, for scan: OutputProvenance, replacing permission: Permission) throws(ScanFileError) {
        self.path = path
        guard let identity = FileIdentity(at: path) else {
            (occupant, pictureOccupant) = (.nothing, .nothing)
            return
        }
        let found = OutputProvenance(of: path)
        // A directory is refused when the file is made, with the system's words; an empty file holds nothing to lose.
        if !identity.isDirectory, !identity.isEmpty, let conflict = Self.conflict(found, scan, permission) {
            throw ScanFileError(.occupied, path: path, problem: conflict)
        }
        occupant = .file(identity)
        let picture = FileIdentity(at: OutputName.picture(ofOutput: path))
        pictureOccupant = picture.map { found?.hasPicture == true ? .file($0) : .nothing } ?? .nothing
    }

    /// Why what lies there may not be replaced; `nil` when it may.
    private static func conflict(
        _ found: OutputProvenance?, _ scan: OutputProvenance, _ permission: Permission
    ) -> String? {
        guard let found else { return "is there already and was not written by Lacuna; it is never replaced" }
        guard permission == .anyOutput || found.isSameScan(as: scan) else {
            let entry = found.entry.isEmpty ? "" : ", \(found.entry)"
            return "is there already and holds another scan (\(found.source)\(entry)); it is never replaced"
        }
        switch permission {
        case .nothing: return "is there already; --overwrite replaces it"
        case .ownOfDaemon where found.requester != .watch:
            return "is there already and was written by hand; it was left untouched, and lacuna retry --replace "
                + "replaces it"
        case .ownOfDaemon, .own, .anyOutput: return nil
        }
    }
}

/// What may lie under the final name of a file when that file takes it.
enum NameOccupant: Equatable {
    /// Nothing at all.
    case nothing
    /// This very file, unchanged since it was looked at.
    case file(FileIdentity)
    /// Whatever it is.
    case anything

    /// Gives a complete file its final name, and never replaces what may not be replaced, whoever else writes there at
    /// the same time.
    ///
    /// - Throws: ``ScanFileError`` of the kind `output` or `occupied`; both files are then as they were.
    func giveWay(at name: String, to path: String) throws(ScanFileError) {
        switch self {
        case .nothing: try Self.takeFree(name, for: path)
        case .file(let identity): try Self.replace(identity, at: name, by: path)
        case .anything: try Self.rename(path, to: name)
        }
    }

    private static func rename(_ path: String, to name: String) throws(ScanFileError) {
        guard Foundation.rename(path, name) == 0 else { throw PartialFile.error(name, "cannot be renamed", errno) }
    }

    private static func takeFree(_ name: String, for path: String) throws(ScanFileError) {
        if lacuna_rename_to_free_name(path, name) == 0 { return }
        if errno == EEXIST { throw occupied(name) }
        // Not every network file system promises that, but all promise that a name is created once.
        if link(path, name) == 0 {
            unlink(path)
            return
        }
        if errno == EEXIST { throw occupied(name) }
        let descriptor = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw errno == EEXIST ? occupied(name) : PartialFile.error(name, "cannot be created", errno)
        }
        close(descriptor)
        try rename(path, to: name)
    }

    private static func replace(_ known: FileIdentity, at name: String, by path: String) throws(ScanFileError) {
        guard FileIdentity(at: name) == known else { throw changed(name) }
        guard lacuna_swap_names(path, name) == 0 else {
            if errno == ENOENT { return try takeFree(name, for: path) }
            // The file system cannot swap: there is no time left between the look above and this.
            return try rename(path, to: name)
        }
        // Under the hidden name there is now what had the final one.
        guard FileIdentity(at: path) == known else {
            _ = lacuna_swap_names(path, name)
            throw changed(name)
        }
        unlink(path)
    }

    private static func occupied(_ name: String) -> ScanFileError {
        ScanFileError(.occupied, path: name, problem: "came into being meanwhile, and is not replaced")
    }

    private static func changed(_ name: String) -> ScanFileError {
        ScanFileError(.occupied, path: name, problem: "was changed meanwhile, and is not replaced")
    }
}

/// Tells a file from any other, and from itself after a change.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    let isDirectory: Bool

    var isEmpty: Bool { size == 0 }

    /// `nil` where no file lies; a link is not followed.
    init?(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
    }
}

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
