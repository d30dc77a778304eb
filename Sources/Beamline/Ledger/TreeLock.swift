internal import Conventions
internal import Foundation
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Keeps a second daemon away from the watched trees for as long as this one lives.
///
/// The locks lie on the directories themselves: nothing is written into a tree of raw data, and no raw file is locked. A
/// tree is held alone; the directories above it are shared with the daemons of other trees. Where a file system knows no
/// such locks, as NFS for directories, nobody is kept away.
final class TreeLock: Sendable {
    /// The descriptors that hold the locks; two of them for one directory would keep each other away.
    private let held = Mutex<[DirectoryIdentity: Int32]>([:])

    deinit {
        held.withLock { held in
            for descriptor in held.values { close(descriptor) }
        }
    }

    /// Holds these trees, and no others any more; a tree that is not there is not held.
    ///
    /// - Throws: ``BeamlineError/treeInUse(_:)``; what was held before is held still.
    func hold(_ trees: [String]) throws(BeamlineError) {
        try held.withLock { held throws(BeamlineError) in
            var wanted: [DirectoryIdentity: Int32] = [:]
            var alone: Set<DirectoryIdentity> = []
            do throws(BeamlineError) {
                for tree in trees {
                    guard let identity = DirectoryIdentity(tree), alone.insert(identity).inserted else { continue }
                    wanted[identity] = try Self.lock(tree, LOCK_EX, held[identity], for: tree)
                }
                for tree in trees {
                    for directory in Self.directories(above: tree) {
                        guard let identity = DirectoryIdentity(directory), wanted[identity] == nil else { continue }
                        wanted[identity] = try Self.lock(directory, LOCK_SH, held[identity], for: tree)
                    }
                }
            } catch {
                for (identity, descriptor) in wanted where held[identity] == nil { close(descriptor) }
                throw error
            }
            for (identity, descriptor) in held where wanted[identity] == nil { close(descriptor) }
            held = wanted
        }
    }

    /// Locks a directory, by a descriptor that is open already where there is one.
    ///
    /// - Returns: `nil` where the directory may not be read, or its file system has no locks for it.
    private static func lock(
        _ directory: String, _ kind: Int32, _ known: Int32?, for tree: String
    ) throws(BeamlineError) -> Int32? {
        let descriptor = known ?? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        // Tried for a second: a child that a killed daemon was just starting may not have let go of it yet.
        for attempt in 0... {
            if flock(descriptor, kind | LOCK_NB) == 0 { return descriptor }
            guard errno == EWOULDBLOCK, attempt < 20 else { break }
            usleep(50_000)
        }
        let isHeldByAnother = errno == EWOULDBLOCK
        if known == nil { close(descriptor) }
        if isHeldByAnother {
            throw .treeInUse(tree, process: ResourceOwner.process(lockingAt: directory))
        }
        return nil
    }

    /// The directories above a tree, links resolved, but the root of all.
    private static func directories(above tree: String) -> [String] {
        var directories: [String] = []
        var directory = AbsolutePath.directory(of: URL(fileURLWithPath: tree).resolvingSymlinksInPath().path)
        while directory != "/" {
            directories.append(directory)
            directory = AbsolutePath.directory(of: directory)
        }
        return directories
    }
}

/// Keeps a second daemon away from a state directory for as long as this one lives.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// Makes the directory where needed and locks it.
    ///
    /// - Parameter configuration: the daemon's configuration file, for those who ask whose directory it is.
    /// - Throws: ``BeamlineError/alreadyRunning(stateDirectory:process:)``, ``BeamlineError/stateDirectory(_:reason:)``.
    init(directory: String, configuration: String) throws(BeamlineError) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .stateDirectory(directory, reason: "it cannot be made")
        }
        descriptor = open(Self.path(in: directory), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .stateDirectory(directory, reason: "it cannot be written to (\(Errno(rawValue: errno)))")
        }
        // From here on the descriptor is closed by deinit, also when this initialiser throws.
        guard Self.lock(descriptor) else {
            throw .alreadyRunning(stateDirectory: directory, process: Self.note(in: directory).process.map(Int.init))
        }
        let text = Array("\(getpid())\n\(configuration)\n".utf8)
        ftruncate(descriptor, 0)
        write(descriptor, text, text.count)
    }

    deinit { close(descriptor) }

    /// Tries for a second: somebody may be asking whether the directory is held, or a child that a killed daemon was just
    /// starting may not have let go of it yet.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(50_000)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Whether a daemon holds the directory now.
    static func isHeld(directory: String) -> Bool {
        let descriptor = open(path(in: directory), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Who holds the directory now: its process, and the file of its configuration where it said so.
    static func holder(of directory: String) -> (process: Int32?, configuration: String?)? {
        guard isHeld(directory: directory) else { return nil }
        let note = note(in: directory)
        // That of a child which outlived its daemon would be another one.
        return (ResourceOwner.process(lockingAt: path(in: directory)) ?? note.process, note.configuration)
    }

    /// What the last holder wrote.
    private static func note(in directory: String) -> (process: Int32?, configuration: String?) {
        let text = (try? String(contentsOfFile: path(in: directory), encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n", maxSplits: 1).map { $0.trimmingCharacters(in: .newlines) }
        return (lines.first.flatMap { Int32($0) }, lines.dropFirst().first)
    }

    private static func path(in directory: String) -> String { directory + "/lock" }
}
