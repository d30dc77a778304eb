import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

@Suite struct SystemdTests {
    @Test func theWatchdogNeedsEveryLoop() {
        let manager = RecordingManager()
        let watchdog = Watchdog(manager: manager, interval: .seconds(30))
        #expect(watchdog.rest == 10)
        for _ in 0..<3 { watchdog.pulse(.examiner) }
        #expect(manager.states.isEmpty)
        watchdog.pulse(.workbench)
        #expect(manager.states == ["WATCHDOG=1"])
        watchdog.pulse(.workbench)
        #expect(manager.states.count == 1)
    }

    @Test func aReloadIsFramed() async throws {
        let manager = RecordingManager()
        manager.reloading()
        manager.ready()
        let lines = try #require(manager.states.first).split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(manager.states.last == "READY=1")
    }

    /// A look must be over, whatever becomes of it, before the service manager takes the loop for hung.
    @Test func aLookIsGivenUpBeforeTheWatchdogBites() throws {
        let unit = try String(contentsOfFile: "\(Package.root)/systemd/lacuna.service", encoding: .utf8)
        let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("WatchdogSec=") })
        let minutes = try #require(Int(line.dropFirst("WatchdogSec=".count).dropLast("min".count)))
        #expect(line.hasSuffix("min"))
        #expect(ChildProcessWorker().inspectionLimit * 2 <= .seconds(60 * minutes))
    }

    @Test(.timeLimit(.minutes(2))) func theBellLetsSleepUntilItRingsOrItsTimeHasCome() async throws {
        let time = ManualTime()
        let bell = Bell(time: time)
        let woken = Counter(0)
        let sleeper = Task {
            for seconds in [1_000.0, 10, 1_000] {
                await bell.wait(until: time.now + seconds)
                woken.value += 1
            }
        }
        func expectAsleep(after count: Int) async throws {
            try await eventually("woken \(count) times") { woken.value >= count }
            try await Task.sleep(for: .milliseconds(30))
            #expect(woken.value == count)
        }
        try await expectAsleep(after: 0)
        time.advance(by: 9)
        try await expectAsleep(after: 0)
        bell.ring()
        try await expectAsleep(after: 1)
        time.advance(by: 9)
        try await expectAsleep(after: 1)
        time.advance(by: 2)
        try await expectAsleep(after: 2)
        bell.ring()
        await sleeper.value
    }

    @Test(.timeLimit(.minutes(2))) func theBellWakesOnceAndTimesOut() async {
        let time = ManualTime()
        let bell = Bell(time: time)
        bell.ring()
        await bell.wait(until: time.now + 1_000)
        let sleeper = Task { await bell.wait(until: time.now + 10) }
        let advancer = Task {
            while !Task.isCancelled {
                time.advance(by: 1)
                await Task.yield()
            }
        }
        await sleeper.value
        advancer.cancel()
        let cancelled = Task { await bell.wait(until: .distantFuture) }
        cancelled.cancel()
        await cancelled.value
    }
}
