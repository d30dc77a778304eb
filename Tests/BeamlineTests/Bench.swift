import Foundation
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
        examiner = Examiner(
            configuration: configuration, ledger: ledger, worker: worker, journal: sink.journal, time: time,
            watchdog: watchdog, workbenchBell: bell
        )
        workbench = Workbench(
            configuration: configuration, ledger: ledger, worker: worker, journal: sink.journal, time: time,
            watchdog: watchdog, board: board, examiner: examiner, bell: bell, isDryRun: dryRun,
            freeSpace: { path in roomy.map(path.hasPrefix) == true ? 5_000 : space.value },
            canTake: { mebibytes, _ in quota.value >= mebibytes }
        )
    }

    /// Writes a file and tells of it as a watcher would.
    @discardableResult
    func land(_ name: String, _ text: String = "x", live: Bool = true) async throws -> String {
        let path = try directory.write(name, text)
        try await tell(path, live: live)
        return path
    }

    func tell(_ path: String, live: Bool = true) async throws {
        let stamp = try #require(FileStamp(path: path))
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
