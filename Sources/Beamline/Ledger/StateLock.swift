internal import Foundation
internal import Glibc

/// Keeps a second daemon away from a state directory for as long as this one lives.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// Makes the directory where needed and locks it.
    ///
    /// - Throws: ``BeamlineError/alreadyRunning(stateDirectory:process:)``, ``BeamlineError/stateDirectory(_:reason:)``.
    init(directory: String) throws(BeamlineError) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .stateDirectory(directory, reason: "it cannot be made")
        }
        descriptor = open(Self.path(in: directory), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .stateDirectory(directory, reason: "it cannot be written to (\(ErrorNumber(value: errno)))")
        }
        // From here on the descriptor is closed by deinit, also when this initialiser throws.
        guard Self.lock(descriptor) else {
            let holder = try? String(contentsOfFile: Self.path(in: directory), encoding: .utf8)
            let process = holder.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            throw .alreadyRunning(stateDirectory: directory, process: process)
        }
        let text = Array("\(getpid())\n".utf8)
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

    private static func path(in directory: String) -> String { directory + "/lock" }
}
