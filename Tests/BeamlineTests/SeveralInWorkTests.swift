import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// What an executor changes that works on several scans at a time.
@Suite struct SeveralInWorkTests {
    private static let three: Executor = {
        var settings = SlurmSettings(directory: "/jobs")
        settings.jobs = 3
        return .slurm(settings)
    }()

    /// A bench at which five scans are ready and work never ends, after one turn.
    private func benchInWork() async throws -> Bench {
        let bench = try Bench(executor: Self.three) { $0.settleSeconds = 0 }
        bench.worker.hang()
        for number in 1...5 { try await bench.land("\(number).npz") }
        await bench.pass(1)
        await bench.workbench.turn()
        try await eventually("three are in work") { bench.worker.inpainted.count == 3 }
        return bench
    }

    @Test func asManyAreTakenAsThereIsRoomFor() async throws {
        let bench = try await benchInWork()
        await bench.workbench.turn()
        #expect(try await bench.ledger.counts() == [.processing: 3, .ready: 2])
        #expect(Set(bench.worker.inpainted.map(\.ticket)).count == 3)
        #expect(bench.board.work.map(\.file) == bench.worker.inpainted.map(\.input))
        #expect(bench.board.summary?.hasPrefix("3 scans in work, the first ") == true)
        await bench.workbench.putBackWork()
        #expect(try await bench.ledger.counts() == [.ready: 5])
        #expect(bench.board.work.isEmpty)
    }

    @Test func onlyWhatGivesNoSignOfProgressIsEnded() async throws {
        let bench = try await benchInWork()
        let records = try await bench.ledger.latest([.processing], limit: 3)
        bench.time.advance(by: 1_000)
        bench.board.advance(records[0].id, WorkProgress(stage: "inpaint", done: 1, total: 2), at: bench.time.now)
        bench.time.advance(by: 1_000)
        await bench.workbench.turn()
        try await eventually("two have ended") { try await bench.ledger.counts()[.failed] == 2 }
        #expect(try await bench.record(records[0].file).state == .processing)
        await bench.workbench.putBackWork()
    }

    @Test func anInterruptionCostsNoAttempt() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        for _ in 0..<5 { bench.worker.failNext(WorkInterrupted(reason: "job 1_1: NODE_FAIL")) }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        for _ in 0..<6 {
            try await bench.work()
            bench.time.advance(by: 1_000)
            await bench.pass(1)
        }
        let record = try await bench.record(file)
        #expect(record.state == .done && record.attempts == 0)
        // It is begun again at once the first time only.
        #expect(bench.sink.count(.scanPutBack) == 1 && bench.sink.count(.scanFailed) == 4)
        #expect(Set(bench.worker.inpainted.map(\.ticket)).count == 6)
        #expect(bench.worker.settled == bench.worker.inpainted)
    }

    @Test func whatGoesOnWithoutTheDaemonIsTakenUpUnderItsTicket() async throws {
        let first = try Bench { $0.settleSeconds = 0 }
        first.worker.failNext(WorkDetached())
        let file = try await first.land("a.npz")
        await first.pass(1)
        await first.workbench.turn()
        await first.workbench.finishWork()
        #expect(try await first.state(file) == .processing)
        #expect(first.worker.settled.isEmpty)

        let second = try Bench(directory: first.directory) { $0.settleSeconds = 0 }
        await second.workbench.takeUp(try await second.ledger.latest([.processing], limit: .max))
        await second.workbench.finishWork()
        #expect(try await second.state(file) == .done)
        #expect(second.worker.inpainted == first.worker.inpainted)
        #expect(second.sink.count(.scanTaken) == 0 && second.sink.count(.scanFollowed) == 1)
    }
}
