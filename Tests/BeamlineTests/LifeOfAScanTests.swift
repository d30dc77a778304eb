import Conventions
import Foundation
import SystemPackage
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

@Suite struct LifeOfAScanTests {
    @Test func aScanIsTakenAfterItsEndAndNotBefore() async throws {
        let bench = try Bench()
        let file = try await bench.land("s/s_0001/s_0001.h5")
        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [.bliss(file, scan: 1, .running)]))
        await bench.pass(1)
        try await bench.work()
        #expect(try await bench.state(file, "/1.1") == .waiting)
        #expect(bench.worker.inpainted.isEmpty)

        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [.bliss(file, scan: 1, fingerprint: "2")]))
        await bench.pass(2)
        #expect(try await bench.state(file, "/1.1") == .ready)
        try await bench.work()
        let record = try await bench.record(file, "/1.1")
        #expect(record.state == .done)
        #expect(record.output == "\(bench.directory.path)/s/s_0001/s_0001_scan0001_inpainted.h5")
        #expect(record.pcc == 0.98)
        #expect(bench.sink.count(.scanTaken) == 1)
        #expect(bench.sink.count(.scanDone) == 1)
        #expect(bench.worker.inpainted.map(\.scan) == [1])
    }

    @Test func nothingIsDoneTwiceUnlessTheRawDataChanges() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        try await bench.work()
        let looks = bench.worker.inspected.count
        try await bench.tell(file)
        await bench.pass(3)
        #expect(bench.worker.inspected.count == looks)

        try await bench.land("a.npz", "changed")
        await bench.pass(10)
        try await bench.work()
        #expect(bench.worker.inpainted.count == 2)
        #expect(try await bench.state(file) == .done)
    }

    @Test func aFileThatNobodyCanReachIsNotGone() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        bench.files.hide(file, by: .ioError)
        try await bench.examiner.receive(.gone(file))
        await bench.pass(30)
        #expect(try await bench.state(file) == .ready)
        #expect(bench.sink.count(.watchTrouble) == 1)
        try await bench.work()
        #expect(bench.worker.inpainted.isEmpty)
        #expect(bench.board.paused?.contains("\(file) cannot be reached") == true)

        bench.files.hide(file, by: nil)
        await bench.pass(30)
        try await bench.work()
        #expect(try await bench.state(file) == .done)
    }

    @Test func aRestartNeitherRepeatsNorForgets() async throws {
        let first = try Bench { $0.settleSeconds = 0 }
        let done = try await first.land("done.npz")
        let running = try await first.land("running.h5")
        first.worker.find(.init(input: running, layout: "bliss dataset", scans: [.bliss(running, scan: 3, .running)]))
        await first.pass(1)
        try await first.work()

        let second = try Bench(directory: first.directory)
        try await second.examiner.resume()
        for file in [done, running] { try await second.tell(file, live: false) }
        await second.pass(1)
        #expect(second.worker.inspected == [running])
    }

    @Test func layoutsWithoutAnEndMarkerMustBeQuiet() async throws {
        let bench = try Bench { $0.settleSeconds = 5 }
        let file = try await bench.land("a.npy")
        func find(_ fingerprint: String) {
            var scan = InspectedScan.complete(file, fingerprint: fingerprint)
            scan.completeness?.state = .unmarked
            bench.worker.find(.init(input: file, layout: "npy", scans: [scan]))
        }
        find("1")
        await bench.pass(3)
        #expect(try await bench.state(file) == .waiting)
        find("2")
        try await bench.land("a.npy", "more")
        await bench.pass(3)
        #expect(try await bench.state(file) == .waiting)
        await bench.pass(5)
        #expect(try await bench.state(file) == .ready)
    }

    @Test func aReadyScanThatGoesOnWaitsAgain() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let file = try await bench.land("a.h5")
        let steps: [(InspectedScan.Completeness.State, ScanState)] = [
            (.complete, .ready), (.running, .waiting), (.complete, .ready),
        ]
        for (number, step) in steps.enumerated() {
            let scan = InspectedScan.bliss(file, scan: 1, step.0, fingerprint: "\(number)")
            bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [scan]))
            try await bench.land("a.h5", "\(number)")
            await bench.pass(2)
            let state = try await bench.state(file, "/1.1")
            #expect(state == step.1, "after \(step.0)")
        }
    }

    /// Three times as long as a frame took, where that is more than is asked for.
    @Test func slowFramesAreWaitedForLonger() async throws {
        let bench = try Bench { $0.settleSeconds = 5 }
        let file = try await bench.land("a.npy")
        var scan = InspectedScan.complete(file)
        scan.completeness?.state = .unmarked
        scan.framePause = 4
        bench.worker.find(.init(input: file, layout: "npy", scans: [scan]))
        for (seconds, state) in [(3, ScanState.waiting), (8, .waiting), (3, .ready)] {
            await bench.pass(seconds)
            #expect(try await bench.state(file) == state)
        }
    }

    @Test func aScanWithoutAnEndIsGivenUpAndTakenUpWhenItGoesOn() async throws {
        let bench = try Bench { $0.staleAfterMinutes = 2 }
        let file = try await bench.land("a.h5")
        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [.bliss(file, scan: 1, .running)]))
        await bench.pass(110)
        #expect(try await bench.state(file, "/1.1") == .waiting)
        let looks = bench.worker.inspected.count
        #expect(looks < 60, "looks become rarer")
        await bench.pass(40)
        #expect(try await bench.state(file, "/1.1") == .stale)
        #expect(bench.sink.count(.scanStale) == 1)

        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [.bliss(file, scan: 1, fingerprint: "2")]))
        try await bench.land("a.h5", "end")
        await bench.pass(2)
        #expect(try await bench.state(file, "/1.1") == .ready)
    }

    @Test(
        arguments: [
            (InspectedScan.bliss("f", scan: 1, title: "sxdm pix piy"), ScanState.skipped, "sxdm"),
            (.bliss("f", scan: 1, title: "umv eta 3"), .skipped, "none of titles"),
            (.bliss("f", scan: 1, .aborted, frames: 2), .skipped, "aborted after 2 of 10 frames"),
            (.bliss("f", scan: 1, .aborted, frames: 3), .ready, "aborted after 3 of 10 frames"),
            (.bliss("f", scan: 1), .ready, nil),
        ] as [(InspectedScan, ScanState, String?)])
    func rules(scan: InspectedScan, state: ScanState, reason: String?) async throws {
        let bench = try Bench()
        let file = try await bench.land("a.h5")
        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [scan]))
        await bench.pass(1)
        let record = try await bench.record(file, scan.entry)
        #expect(record.state == state)
        let text = record.reason ?? record.remark
        if let reason { #expect(text?.contains(reason) == true) } else { #expect(text == nil) }
        #expect(bench.sink.count(.scanSkipped) == (state == .skipped ? 1 : 0))
    }

    @Test func newTitleRulesTakeUpWhatTheOldOnesLeftOut() async throws {
        let bench = try Bench()
        let file = try await bench.land("a.h5")
        let scan = InspectedScan.bliss(file, scan: 1, title: "mymacro 3")
        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [scan]))
        await bench.pass(1)
        #expect(try await bench.state(file, "/1.1") == .skipped)
        var root = WatchedRoot(path: bench.directory.path)
        root.titles.taken = ["mymacro*"]
        await bench.examiner.use(Configuration(roots: [root]))
        await bench.pass(1)
        #expect(try await bench.state(file, "/1.1") == .ready)
    }

    @Test func aDetectorThatIsNotWantedIsSkipped() async throws {
        let bench = try Bench { $0.detectors = ["Eiger2M"] }
        let file = try await bench.land("a.h5")
        var other = InspectedScan.bliss(file, scan: 1)
        other.detector?.isAllowed = false
        bench.worker.find(
            .init(input: file, layout: "bliss dataset", scans: [other, .bliss(file, scan: 2, fingerprint: "2")]))
        await bench.pass(1)
        #expect(try await bench.state(file, "/1.1") == .skipped)
        #expect(try await bench.state(file, "/2.1") == .ready)
        #expect(bench.worker.inspectedFor.last?.detectorsAllowed == ["Eiger2M"])
    }

    @Test func aFailedLookSaysNothingOfTheScansOfTheFile() async throws {
        let bench = try Bench()
        let file = try await bench.land("a.h5")
        let running = InspectedScan.bliss(file, scan: 2, .running, fingerprint: "2")
        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [.bliss(file, scan: 1), running]))
        await bench.pass(1)
        bench.worker.refuse(file, "the look at the file took longer than 60 seconds")
        try await bench.land("a.h5", "more")
        await bench.pass(2)
        #expect(try await bench.state(file, "/1.1") == .ready)
        #expect(try await bench.state(file, "/2.1") == .waiting)
    }

    @Test func failuresAreTriedAgainThenQuarantined() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        for _ in 0..<3 { bench.worker.failNext(WorkerFailure(.internalFailure, "the worker was ended by signal 11")) }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        try await bench.work()
        #expect(try await bench.state(file) == .failed)
        await bench.pass(25)
        #expect(try await bench.state(file) == .failed)
        await bench.pass(10)
        try await bench.work()
        #expect(bench.worker.inpainted.count == 2)
        await bench.pass(50)
        #expect(try await bench.state(file) == .failed, "the pause doubles")
        await bench.pass(15)
        try await bench.work()
        let record = try await bench.record(file)
        #expect(record.state == .quarantined)
        #expect(record.reason == "the worker was ended by signal 11")
        #expect(bench.sink.count(.scanQuarantined) == 1)
        await bench.pass(200)
        #expect(bench.worker.inpainted.count == 3)

        // Put back by hand.
        let retried = try await bench.examiner.retry(.failed)
        #expect(retried.map(\.file) == [file])
        await bench.pass(1)
        try await bench.work()
        #expect(try await bench.state(file) == .done)
    }

    @Test func aFileThatCannotBeReadMayStillBeWritten() async throws {
        let bench = try Bench { $0.settleSeconds = 5 }
        let file = try await bench.land("a.h5")
        bench.worker.refuse(file)
        await bench.pass(3)
        #expect(try await bench.state(file, "") == .waiting)
        bench.worker.find(.init(input: file, layout: "bliss dataset", scans: [.bliss(file, scan: 1)]))
        await bench.pass(4)
        #expect(try await bench.state(file, "/1.1") == .ready)
        #expect(try await bench.state(file, "") == nil)
    }

    @Test func garbageCostsTwoLines() async throws {
        let bench = try Bench()
        let file = try await bench.land("a.h5")
        bench.worker.refuse(file)
        await bench.pass(300)
        #expect(try await bench.state(file, "") == .quarantined)
        #expect(bench.sink.count(.scanFailed) == 1)
        #expect(bench.sink.count(.scanQuarantined) == 1)
        #expect(bench.worker.inspected.count <= 4)
    }

    @Test func filesOfLinksAreNoScans() async throws {
        let bench = try Bench()
        let file = try await bench.land("proposal.h5")
        bench.worker.find(.init(input: file, layout: "bliss master", scans: [], notAScan: "links only"))
        await bench.pass(20)
        #expect(try await bench.ledger.scans(in: file).isEmpty)
        #expect(bench.worker.inspected.count == 1)
    }

    @Test func detectorFilesLeadToTheirOwner() async throws {
        let bench = try Bench()
        let owner = try bench.directory.write("s/s.h5")
        bench.worker.find(.init(input: owner, layout: "bliss dataset", scans: [.bliss(owner, scan: 1)]))
        let part = try await bench.land("s/scan0001/mpx_0000.h5")
        await bench.pass(1)
        #expect(bench.worker.inspected == [owner])
        try await bench.tell(part)
        await bench.pass(3)
        #expect(bench.worker.inspected == [owner], "a part that has not changed costs no look")
    }

    @Test func aDetectorFileWithoutOwnerIsTakenWithCare() async throws {
        let bench = try Bench { $0.settleSeconds = 5 }
        let part = try await bench.land("s/scan0001/mpx_0000.h5")
        await bench.pass(2)
        #expect(try await bench.state(part) == .waiting)
        let owner = try await bench.land("s/s.h5")
        bench.worker.find(.init(input: owner, layout: "bliss dataset", scans: [.bliss(owner, scan: 1)]))
        await bench.pass(10)
        #expect(try await bench.state(part) == .skipped)
        #expect(try await bench.state(owner, "/1.1") == .ready)
    }

    @Test func newestFirstAndTheOldestEveryFourthTime() async throws {
        let bench = try Bench()
        for number in 1...8 {
            let file = try await bench.land("\(number).npz")
            bench.worker.find(.init(input: file, layout: "npz", scans: [.complete(file)]))
            try FileManager.default.setAttributes(
                [.modificationDate: bench.time.now - Double(1_000 - number)], ofItemAtPath: file
            )
        }
        await bench.pass(1)
        try await bench.work()
        let order = bench.worker.inpainted.compactMap { Int(AbsolutePath.name(of: $0.input).dropLast(4)) }
        #expect(order == [8, 7, 6, 1, 5, 4, 3, 2])
    }

    @Test func aLackOfSpacePausesOnce() async throws {
        let space = Counter(10)
        let bench = try Bench(space: space) { $0.settleSeconds = 0 }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        for _ in 0..<3 { await bench.workbench.turn() }
        #expect(try await bench.state(file) == .ready)
        #expect(bench.sink.count(.lowSpace) == 1)
        #expect(bench.board.paused?.contains("10 MiB free") == true)
        space.value = 5_000
        await bench.pass(16)
        try await bench.work()
        #expect(try await bench.state(file) == .done)
        #expect(bench.sink.count(.spaceBack) == 1)
        #expect(bench.board.paused == nil)
    }

    @Test func aDiskThatRunsFullIsNoFaultOfTheScan() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        for _ in 0..<5 {
            bench.worker.failNext(
                WorkerFailure(.outputFull, "/d/out.h5: cannot be written: No space left on device"))
        }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        for attempt in 1...5 {
            try await bench.work()
            let record = try await bench.record(file)
            #expect(record.state == .failed && record.attempts == 0)
            #expect(bench.worker.inpainted.count == attempt)
            #expect(bench.board.paused?.contains("No space left") == true)
            // Each pause is longer than the one before.
            await bench.pass(16 << attempt)
        }
        try await bench.work()
        #expect(try await bench.state(file) == .done)
        #expect(bench.board.paused == nil)
    }

    @Test func nothingIsComputedUntilTheRoomIsThereThatAQuotaForbids() async throws {
        let quota = Counter(0)
        let bench = try Bench(quota: quota) { $0.settleSeconds = 0 }
        bench.worker.failNext(WorkerFailure(.outputFull, "/d/out.h5: cannot be written: Disk quota exceeded"))
        for name in ["a.npz", "b.npz"] { try await bench.land(name) }
        await bench.pass(1)
        for _ in 0..<20 {
            await bench.workbench.turn()
            await bench.workbench.finishWork()
            await bench.pass(60)
        }
        #expect(bench.worker.inpainted.count == 1)
        #expect(bench.sink.count(.lowSpace) == 1, "one line says that taking stops")
        quota.value = 1_000
        try await bench.work()
        #expect(bench.worker.inpainted.count == 3)
        #expect(bench.sink.count(.spaceBack) == 1)
    }

    @Test func aFaultInADetectorFileIsNoFaultOfTheScan() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        for _ in 0..<5 {
            bench.worker.failNext(WorkerFailure(.configuration, "site.yaml:3: rows: expected a list"))
        }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        for _ in 1...5 {
            try await bench.work()
            #expect(try await bench.record(file).attempts == 0)
            await bench.pass(31)
        }
        try await bench.work()
        #expect(try await bench.state(file) == .done)
        // Room was never short.
        #expect(bench.sink.count(.spaceBack) == 0 && bench.sink.count(.lowSpace) == 0)
        #expect(bench.board.paused == nil)
    }

    @Test func noOtherScanIsTakenRightAfterTheDiskRanFull() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        bench.worker.failNext(WorkerFailure(.outputFull, "/d/out.h5: cannot be written: Disk quota exceeded"))
        for name in ["a.npz", "b.npz"] { try await bench.land(name) }
        await bench.pass(1)
        for _ in 0..<5 {
            await bench.workbench.turn()
            await bench.workbench.finishWork()
        }
        #expect(bench.worker.inpainted.count == 1)
        await bench.pass(15)
        try await bench.work()
        #expect(bench.worker.inpainted.count == 2)
    }

    /// A tree below the bench's own whose outputs go elsewhere.
    private func roomyRoot(in directory: TemporaryDirectory) throws -> WatchedRoot {
        var root = WatchedRoot(path: try directory.makeDirectory("roomy"))
        root.outputDirectory = "\(directory.path)/elsewhere"
        root.settleSeconds = 0
        return root
    }

    @Test(arguments: [false, true]) func aFullDiskStopsOnlyTheTreesThatWriteToIt(isFoundByTheWorker: Bool) async throws
    {
        let directory = try TemporaryDirectory()
        let roomy = try roomyRoot(in: directory)
        let space = Counter(isFoundByTheWorker ? 5_000 : 10)
        let bench = try Bench(
            directory: directory, space: space, more: [roomy], roomy: "\(directory.path)/elsewhere"
        ) { $0.settleSeconds = 0 }
        let stuck = try await bench.land("stuck/a.npz")
        await bench.pass(1)
        if isFoundByTheWorker {
            bench.worker.failNext(WorkerFailure(.outputFull, "/out.h5: cannot be written: No space left on device"))
            await bench.workbench.turn()
            await bench.workbench.finishWork()
            try await bench.land("stuck/b.npz")
        }
        let others = [try await bench.land("roomy/a.npz"), try await bench.land("roomy/b.npz")]
        await bench.pass(2)
        for _ in 0..<5 {
            await bench.workbench.turn()
            await bench.workbench.finishWork()
        }
        for other in others { #expect(try await bench.state(other) == .done) }
        #expect(try await bench.state(stuck) == (isFoundByTheWorker ? .failed : .ready))
        #expect(bench.board.paused != nil && bench.sink.count(.lowSpace) == 1)
        space.value = 5_000
        await bench.pass(45)
        try await bench.work()
        #expect(try await bench.state(stuck) == .done)
        #expect(bench.board.paused == nil && bench.sink.count(.spaceBack) == 1)
    }

    /// A disk without room ends a run over whole trees, but not before all is done that finds room elsewhere.
    @Test func onceLeavesNoScanThatCouldBeTaken() async throws {
        let directory = try TemporaryDirectory()
        let roomy = try roomyRoot(in: directory)
        let bench = try Bench(
            directory: directory, space: Counter(10), more: [roomy], roomy: "\(directory.path)/elsewhere"
        ) { $0.settleSeconds = 0 }
        for number in 0..<3 {
            try await bench.land("stuck\(number).npz")
            try await bench.land("roomy/\(number).npz")
        }
        await bench.pass(2)
        try await bench.workbench.run(once: true)
        #expect(try await bench.ledger.counts() == [.done: 3, .ready: 3])
        #expect(bench.sink.messages.contains { $0.hasPrefix("3 scans stay in the queue:") })
    }

    @Test func workThatIsEndedFromOutsideAgainAndAgainIsNotBegunAtOnceForEver() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        for _ in 0..<40 { bench.worker.failNext(WorkInterrupted(reason: "job 1_1: NODE_FAIL")) }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        for _ in 0..<5 {
            await bench.workbench.turn()
            await bench.workbench.finishWork()
        }
        // At once the first time, after a pause each further one.
        #expect(bench.worker.inpainted.count == 2)
        var record = try await bench.record(file)
        #expect(record.state == .failed && record.attempts == 0)
        let wait = try #require(record.nextAttempt).timeIntervalSince(bench.time.now)
        #expect(abs(wait - 30) < 0.1)
        for _ in 0..<30 where record.state == .failed {
            let pause = try #require(record.nextAttempt).timeIntervalSince(bench.time.now)
            bench.time.advance(by: pause + 1)
            await bench.pass(1)
            try await bench.work()
            record = try await bench.record(file)
        }
        #expect(record.state == .quarantined && record.attempts == 3)
        #expect(bench.worker.inpainted.count == 13)
        #expect(record.reason == "job 1_1: NODE_FAIL, 13 times in a row")
    }

    @Test func aClockThatWasSetBackDelaysNothing() async throws {
        let first = try Bench { $0.settleSeconds = 0 }
        first.time.advance(by: 86_400)
        first.worker.failNext(WorkerFailure(.internalFailure, "once"))
        let file = try await first.land("scan.npz")
        await first.pass(1)
        try await first.work()
        #expect(try await first.state(file) == .failed)

        let second = try Bench(directory: first.directory) { $0.settleSeconds = 0 }
        try await second.examiner.resume()
        await second.pass(130)
        try await second.work()
        #expect(try await second.state(file) == .done)
    }

    @Test func aStoppedScanGoesBackIntoTheQueue() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        bench.worker.hang()
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        await bench.workbench.turn()
        try await eventually("in work") { !bench.worker.inpainted.isEmpty }
        try bench.directory.write(".a_inpainted.h5.tmp")
        await bench.workbench.putBackWork()
        let record = try await bench.record(file)
        #expect(record.state == .ready)
        #expect(record.attempts == 0)
        #expect(!FileManager.default.fileExists(atPath: "\(bench.directory.path)/.a_inpainted.h5.tmp"))
    }

    @Test func workWithoutProgressIsEnded() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        bench.worker.hang()
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        await bench.workbench.turn()
        try await eventually("in work") { !bench.worker.inpainted.isEmpty }
        bench.time.advance(by: 1_801)
        await bench.workbench.turn()
        try await eventually("ended", within: .seconds(60)) { try await bench.state(file) != .processing }
        #expect(try await bench.record(file).reason == "no sign of progress for 30 minutes")
    }

    @Test func aPoisonousScanIsQuarantinedAtTheThirdCrash() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        for crash in 1...3 {
            let ready = try #require(try await bench.ledger.peekReady(oldestFirst: false))
            _ = try await bench.ledger.take(ready.id, output: "/out.h5", at: bench.time.now)
            let recovered = try await bench.ledger.recover(crashLimit: 3, at: bench.time.now)
            #expect(recovered.map(\.state) == [crash < 3 ? .ready : .quarantined])
            #expect(recovered.map(\.attempts) == [0])
        }
        #expect(try await bench.state(file) == .quarantined)
    }

    @Test func aVanishedFileIsForgotten() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        try FileManager.default.removeItem(atPath: file)
        try await bench.examiner.receive(.gone(file))
        await bench.pass(1)
        try await bench.work()
        #expect(try await bench.record(file).reason == "the file is gone")
        #expect(bench.worker.inpainted.isEmpty)
        try await bench.land("a.npz", "back")
        await bench.pass(5)
        #expect(try await bench.state(file) == .ready)
    }

    @Test func aFileThatVanishedHoldsNoOtherUp() async throws {
        let bench = try Bench { $0.settleSeconds = 0 }
        let files = [try await bench.land("a.npz"), try await bench.land("b.npz")]
        await bench.pass(1)
        let next = try #require(try await bench.ledger.peekReady(oldestFirst: false))
        try FileManager.default.removeItem(atPath: next.file)
        try await bench.workbench.run(once: true)
        let other = try #require(files.first { $0 != next.file })
        #expect(try await bench.state(other) == .done)
        #expect(try await bench.state(next.file) == .skipped)
    }

    @Test func aDryRunSaysOnceOfEachFinishedScanThatItIs() async throws {
        let bench = try Bench(dryRun: true) { $0.settleSeconds = 0 }
        let path = try bench.directory.write("a.h5", "x")
        let seen = SeenFile(path: path, stamp: try #require(try FileStamp.read(path)))
        for (scan, state) in [(1, ScanState.done), (2, .quarantined), (3, .processing), (4, .skipped), (5, .failed)] {
            var record = ScanRecord(file: path, entry: "/\(scan).1", scan: scan, state: state, at: bench.time.now)
            record.reason = "reason \(scan)"
            record.output = "/o/\(scan).h5"
            if state == .failed { record.nextAttempt = bench.time.now + 60 }
            try await bench.ledger.save(record)
        }
        try await bench.ledger.remember([seen], outcome: "bliss dataset")
        for _ in 0..<2 { try await bench.examiner.receive(.seen([seen], live: false)) }
        #expect(
            bench.sink.messages.map { $0.replacing(path, with: "") } == [
                "#1 is done already → /o/1.h5 (dry run)", "#2 is quarantined already: reason 2 (dry run)",
                "#3 is in work (dry run)", "#4 is skipped already: reason 4 (dry run)",
                "#5 is failed already: reason 5 (dry run)",
            ])
        #expect(bench.worker.inspected.isEmpty)
    }

    /// A daemon may be running, whose half-written files are not a dry run's to remove.
    @Test func aDryRunLeavesWhatIsInWorkAlone() async throws {
        let test = try DaemonUnderTest()
        let ledger = try Ledger.inMemory()
        var record = ScanRecord(file: "/d/a.h5", entry: "/1.1", scan: 1, state: .processing, at: Date())
        record.output = "\(test.directory.path)/a_inpainted.h5"
        try await ledger.save(record)
        let partial = try test.directory.write(".a_inpainted.h5.1.partial", "x")
        try await test.daemon(dryRun: true, ledger: ledger).prepare()
        #expect(FileManager.default.fileExists(atPath: partial))
        #expect(try await ledger.counts() == [.processing: 1])
    }

    @Test func aDryRunOnlySaysWhatWouldBeDone() async throws {
        let bench = try Bench(dryRun: true) { $0.settleSeconds = 0 }
        let file = try await bench.land("a.npz")
        await bench.pass(1)
        try await bench.work()
        #expect(bench.worker.inpainted.isEmpty)
        let output = "\(bench.directory.path)/a_inpainted.h5"
        #expect(bench.sink.messages.contains { $0.contains("would be inpainted to \(output)") })
        #expect(try await bench.state(file) == .skipped)
    }
}
