import Foundation
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

    @Test func theBellWakesOnceAndTimesOut() async {
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
