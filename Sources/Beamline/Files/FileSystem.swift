internal import Conventions
internal import Dispatch
internal import Foundation
internal import Synchronization
internal import SystemPackage

/// What the loops of the daemon ask of the file system, which may keep them waiting for as long as a server is silent.
///
/// Absence and failure are different answers: `nil` where nothing is there, an error where nobody can tell.
protocol FileSystem: Sendable {
    /// The stamp of a regular file, links followed; `nil` where there is none.
    func stamp(of path: String) async throws(Errno) -> FileStamp?

    /// Which file describes the scans that a file belongs to.
    func owner(of path: String, at now: Date) async -> FileOwner

    /// MiB that are free for this user where `path` lies or will lie.
    func freeMebibytes(at path: String) async throws(Errno) -> Int

    /// Whether a file of so many MiB can be made in a directory, which a quota may forbid that nothing else shows.
    func canTake(_ mebibytes: Int, in directory: String) async -> Bool

    /// Makes a directory with those above it, unless it is there.
    func makeDirectory(_ path: String) async throws

    /// Removes the hidden files of an output that was not finished.
    func removeTemporaries(of output: String) async
}

/// The machine's own, asked on threads that nothing else waits for.
final class LocalFileSystem: FileSystem {
    private let owners = Mutex(OwnerFinder())
    /// Concurrent, so that a mount that hangs holds only those that ask for it.
    private static let queue = DispatchQueue(label: "lacuna.files", attributes: .concurrent)

    func stamp(of path: String) async throws(Errno) -> FileStamp? {
        try await Self.blocking { () throws(Errno) in try FileStamp.read(path) }
    }

    func owner(of path: String, at now: Date) async -> FileOwner {
        await Self.blocking { self.owners.withLock { $0.owner(of: path, at: now) } }
    }

    func freeMebibytes(at path: String) async throws(Errno) -> Int {
        try await Self.blocking { () throws(Errno) in try FreeSpace.mebibytes(at: path) }
    }

    func canTake(_ mebibytes: Int, in directory: String) async -> Bool {
        await Self.blocking { FreeSpace.canTake(mebibytes, in: directory) }
    }

    func makeDirectory(_ path: String) async throws {
        try await Self.blocking { () throws(any Error) in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    func removeTemporaries(of output: String) async {
        await Self.blocking { OutputName.removeTemporaries(of: output) }
    }

    private static func blocking<Answer: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        let result = await withCheckedContinuation { continuation in
            queue.async {
                let result: Result<Answer, Failure>
                do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }
}

/// Runs an actor on a thread of its own, for one whose every call may block.
final class OwnThread: SerialExecutor {
    private let queue: DispatchQueue

    init(_ label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
