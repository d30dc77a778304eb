import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// Examiner and workbench over a real directory and a real ledger, with a time and a worker that the test rules.
final class Bench: Sendable {
    let directory: TemporaryDirectory
    let time = ManualTime()
    let worker = FakeWorker()
    let sink = RecordingSink()
    let manager = RecordingManager()
    let ledger: Ledger
    let board: StatusBoard
    let examiner: Examiner
    let workbench: Workbench
    let files: ChangedFileSystem

    /// - Parameters:
    ///   - space: MiB that are free everywhere but in the directory `roomy`, which never runs full.
    init(
        directory: TemporaryDirectory? = nil, executor: Executor = .local, dryRun: Bool = false,
        space: Counter = Counter(1_000_000), quota: Counter = Counter(1_000_000), more roots: [WatchedRoot] = [],
        roomy: String? = nil,
        change: (inout WatchedRoot) -> Void = { _ in }
    ) throws {
        self.directory = try directory ?? TemporaryDirectory()
        var root = WatchedRoot(path: self.directory.path)
        change(&root)
        var configuration = Configuration(roots: [root] + roots)
        configuration.executor = executor
        _ = try self.directory.makeDirectory(".state")
        ledger = try Ledger(directory: "\(self.directory.path)/.state")
        board = StatusBoard(manager: manager)
        let watchdog = Watchdog(manager: manager, interval: .seconds(30))
        let bell = Bell(time: time)
        files = ChangedFileSystem(
            space: { path in roomy.map(path.hasPrefix) == true ? 5_000 : space.value }, quota: { quota.value })
        let context = DaemonContext(
            ledger: ledger, worker: worker, journal: sink.journal, manager: manager, watchdog: watchdog, time: time,
            files: files)
        examiner = Examiner(
            configuration: configuration, context: context, workbenchBell: bell, isDryRun: dryRun)
        workbench = Workbench(
            configuration: configuration, context: context, board: board, examiner: examiner, bell: bell,
            isDryRun: dryRun)
    }

    /// Writes a file and tells of it as a watcher would.
    @discardableResult
    func land(_ name: String, _ text: String = "x", live: Bool = true) async throws -> String {
        let path = try directory.write(name, text)
        try await tell(path, live: live)
        return path
    }

    func tell(_ path: String, live: Bool = true) async throws {
        let stamp = try #require(try FileStamp.read(path))
        try await examiner.receive(.seen([SeenFile(path: path, stamp: stamp)], live: live))
    }

    /// Lets time pass, a second at a time, with the loops turning.
    func pass(_ seconds: Int) async {
        for _ in 0..<seconds {
            time.advance(by: 1)
            await examiner.lookAtDueFiles()
        }
    }

    /// Takes scans until none is ready.
    func work() async throws {
        for _ in 0..<100 {
            await workbench.turn()
            await workbench.finishWork()
            if try await ledger.peekReady(oldestFirst: false) == nil { return }
        }
    }

    func state(_ path: String, _ entry: String = "/entry") async throws -> ScanState? {
        try await ledger.scans(in: path)[entry]?.state
    }

    func record(_ path: String, _ entry: String = "/entry") async throws -> ScanRecord {
        try #require(try await ledger.scans(in: path)[entry])
    }
}

/// The machine's file system, but for the room on it and the files that the test puts out of reach.
final class ChangedFileSystem: FileSystem {
    private let local = LocalFileSystem()
    private let space: @Sendable (String) -> Int
    private let quota: @Sendable () -> Int
    private let errors = Mutex<[String: Errno]>([:])

    init(space: @escaping @Sendable (String) -> Int, quota: @escaping @Sendable () -> Int) {
        self.space = space
        self.quota = quota
    }

    /// Lets nobody learn of a file; `nil` ends it.
    func hide(_ path: String, by error: Errno?) { errors.withLock { $0[path] = error } }

    func stamp(of path: String) async throws(Errno) -> FileStamp? {
        if let error = errors.withLock({ $0[path] }) { throw error }
        return try await local.stamp(of: path)
    }

    func owner(of path: String, at now: Date) async -> FileOwner { await local.owner(of: path, at: now) }
    func freeMebibytes(at path: String) async throws(Errno) -> Int { space(path) }
    func canTake(_ mebibytes: Int, in directory: String) async -> Bool { quota() >= mebibytes }
    func makeDirectory(_ path: String) async throws { try await local.makeDirectory(path) }
    func removeTemporaries(of output: String) async { await local.removeTemporaries(of: output) }
}
