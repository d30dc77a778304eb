internal import CRename
internal import Foundation

/// What may lie under the final name of a file when that file takes it.
enum NameOccupant: Equatable {
    /// Nothing at all.
    case nothing
    /// This very file, unchanged since it was looked at.
    case file(FileIdentity)
    /// Whatever the user has named.
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

    /// `nil` where no file lies; a link is not followed.
    init?(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
