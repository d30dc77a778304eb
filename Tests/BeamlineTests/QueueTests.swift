import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// What people say about the order of work.
@Suite struct QueueTests {
    @Test func pausedScansWaitAndAreTakenWhenTheyMayGoOn() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let control = QueueControl(bench)
        let tree = "\(bench.directory.path)/a"
        #expect(try await control.pause(PauseRequest(tree, isPaused: true)).trees.map(\.path) == [tree])
        let paused = try await bench.land("a/1.npz")
        let free = try await bench.land("ab/1.npz")
        await bench.pass(2)
        await bench.workbench.turn()
        await bench.workbench.finishWork()
        await bench.workbench.turn()
        #expect(try await bench.state(paused) == .ready)
        #expect(try await bench.state(free) == .done)
        #expect(try await StatusReport(ledger: bench.ledger, running: true).paused?.contains(tree) == true)

        #expect(try await control.pause(PauseRequest("/", isPaused: false)).trees.isEmpty)
        try await bench.work()
        #expect(try await bench.state(paused) == .done)
        #expect(try await StatusReport(ledger: bench.ledger, running: true).paused == nil)
    }

    @Test func whatIsSubmittedComesFirstAndThroughAPause() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let control = QueueControl(bench)
        _ = try await control.pause(PauseRequest("/", isPaused: true))
        for name in ["1", "2", "3"] { try await bench.land("\(name).npz") }
        let wanted = "\(bench.directory.path)/2.npz"
        #expect(try await control.submit(wanted).isPending)
        await bench.pass(2)
        #expect(try await control.submission(of: wanted).isPending)
        await bench.workbench.turn()
        await bench.workbench.finishWork()
        let submission = try await control.submission(of: wanted)
        #expect(!submission.isPending && submission.scans.map(\.state) == [.done])
        #expect(bench.worker.inpainted.map(\.input) == [wanted])

        // A submission that is over does not let the file's next scan through.
        try await bench.land("2.npz", "changed")
        await bench.pass(10)
        await bench.workbench.turn()
        #expect(bench.worker.inpainted.count == 1)
    }

    @Test func whatWasQuarantinedIsTriedOnceMoreWhenItIsSubmitted() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let file = try await bench.land("1.npz")
        for _ in 0..<3 { bench.worker.failNext(WorkerFailure(.input, "no")) }
        await bench.pass(2)
        try await bench.work()
        await bench.pass(200)
        try await bench.work()
        await bench.pass(200)
        try await bench.work()
        #expect(try await bench.state(file) == .quarantined)
        _ = try await QueueControl(bench).submit(file)
        await bench.pass(2)
        try await bench.work()
        #expect(try await bench.state(file) == .done)
    }

    @Test func aRestartForgetsNeitherPausesNorSubmissions() async throws {
        let first = try Bench { $0.settleSeconds = 0 }
        _ = try await QueueControl(first).pause(PauseRequest("/", isPaused: true))
        let wanted = try first.directory.write("1.npz", "x")
        // The daemon is killed before it looks at the file.
        try await first.ledger.submit(wanted, at: first.time.now)

        let second = try Bench(directory: first.directory) { $0.settleSeconds = 0 }
        try await second.examiner.resume()
        let other = try await second.land("2.npz")
        await second.pass(2)
        for _ in 0..<3 {
            await second.workbench.turn()
            await second.workbench.finishWork()
        }
        #expect(try await second.state(wanted) == .done)
        #expect(try await second.state(other) == .ready)
    }
}

extension QueueControl {
    fileprivate init(_ bench: Bench) {
        self.init(
            ledger: bench.ledger, examiner: bench.examiner, board: bench.board, journal: bench.sink.journal,
            bell: Bell(time: bench.time))
    }
}
