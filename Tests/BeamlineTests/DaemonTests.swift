import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import WorkMessages

import class GRDB.DatabaseQueue

@testable import Beamline
@testable import StatusSite

@Suite struct DaemonTests {
    @Test func onceWorksThroughWhatIsThere() async throws {
        let test = try DaemonUnderTest()
        for number in 0..<20 { try test.directory.write("data/\(number).npz") }
        let running = try test.directory.write("data/s.h5")
        test.worker.find(.init(input: running, layout: "bliss dataset", scans: [.bliss(running, scan: 1, .running)]))
        let daemon = try test.daemon(once: true)
        try await daemon.prepare()
        try await daemon.run()
        #expect(Set(test.worker.inpainted.map(\.input)).count == 20)
        #expect(test.worker.inpainted.count == 20)
        #expect(test.sink.count(.daemonReady) == 1)
        let states = test.manager.states.filter { !$0.hasPrefix("STATUS=") }
        #expect(states.first?.hasPrefix("EXTEND_TIMEOUT_USEC=") == true && states.last == "READY=1")
        let status = try await StatusClient(configuration: test.configuration).status()
        #expect(!status.running)
        #expect(status.counts["done"] == 20 && status.counts["waiting"] == 1)
    }

    @Test func theSocketAnswersWhileItRuns() async throws {
        let test = try DaemonUnderTest()
        let daemon = try test.daemon()
        try await daemon.prepare()
        let file = try test.directory.write("data/bad.npz")
        test.worker.failNext(WorkerFailure(.input, "no such dataset"))
        _ = try test.directory.write("run/lacuna.sock", "left over")
        let group = ServiceGroup(
            services: [daemon, daemon.controlServer], logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
        )
        let running = Task { try await group.run() }
        let client = StatusClient(configuration: test.configuration)

        try await eventually("failed") { try await client.status().counts["failed"] == 1 }
        let status = try await client.status()
        #expect(status.running && status.pid == getpid() && status.version == "1.2.3")
        #expect(status.failed.first?.reason == "no such dataset")
        #expect(status.text.contains("no such dataset"))

        let answer = try await client.retry(.failed)
        #expect(answer == RetryAnswer(scans: [file]))
        #expect(try await client.retry(.named(["nothing"])).problem?.contains("nothing") == true)
        try await eventually("done after all") { try await client.status().counts["done"] == 1 }

        // The same over HTTP, for those who may not use the socket.
        var other = test.configuration
        other.controlSocket = "/nowhere"
        try await eventually("over HTTP") { try await StatusClient(configuration: other).status().pid == getpid() }

        await group.triggerGracefulShutdown()
        try await running.value
        #expect(!FileManager.default.fileExists(atPath: test.configuration.controlSocket))
        // Without the daemon the ledger answers, and takes requests.
        let rest = try await client.retry(.named([file]))
        #expect(rest == RetryAnswer(scans: [file], running: false))
    }

    @Test func stoppingDuringWorkIsQuickAndLosesNothing() async throws {
        let test = try DaemonUnderTest()
        test.worker.hang()
        try test.directory.write("data/a.npz")
        let daemon = try test.daemon()
        try await daemon.prepare()
        let group = ServiceGroup(services: [daemon], logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await group.run() }
        try await eventually("in work") { !test.worker.inpainted.isEmpty }
        await group.triggerGracefulShutdown()
        try await running.value
        let status = try await StatusClient(configuration: test.configuration).status()
        #expect(status.counts["ready"] == 1)
        #expect(test.manager.states.contains("STOPPING=1"))
    }

    @Test func aBadConfigurationIsRefusedAndAGoodOneTaken() async throws {
        let test = try DaemonUnderTest()
        let daemon = try test.daemon()
        let group = ServiceGroup(services: [daemon], logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await group.run() }
        try await eventually("ready") { test.manager.states.contains("READY=1") }

        try test.directory.write("lacuna.yaml", "version: 1\nwatch: [{path: relative}]")
        await Reloader(daemon: daemon).reload()
        #expect(test.sink.count(.configurationRefused) == 1)
        #expect(test.sink.messages.contains { $0.contains("watch[0].path") })

        _ = try test.directory.makeDirectory("more")
        try test.directory.write(
            "lacuna.yaml",
            "version: 1\nwatch: [{path: \(test.directory.path)/more, settle_seconds: 0}]\n"
                + "minimum_free_space_mb: 1\ndetectors: {directories: [\(DaemonUnderTest.detectors)]}"
        )
        await Reloader(daemon: daemon).reload()
        #expect(test.sink.count(.configurationReloaded) >= 1)
        let file = try test.directory.write("more/b.npz")
        try await eventually("the new tree is watched") { test.worker.inpainted.map(\.input) == [file] }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test func aNetworkThatCannotBeReadKeepsItFromStarting() async throws {
        let test = try DaemonUnderTest()
        let fault = WorkerFailure(.internalFailure, "the network cannot be used: cut short")
        test.worker.equip(Equipment(weightsProblem: fault))
        let daemon = try test.daemon()
        await #expect(throws: fault) {
            try await daemon.prepare()
        }
        #expect(!test.manager.states.contains("READY=1"))
    }

    @Test func aDryRunTakesNoLocksAtAReload() async throws {
        let test = try DaemonUnderTest()
        let daemon = try test.daemon(dryRun: true)
        try await daemon.prepare()
        await Reloader(daemon: daemon).reload()
        #expect(test.sink.count(.configurationRefused) == 0)
        let real = TreeLock()
        #expect(throws: Never.self) { try real.hold(["\(test.directory.path)/data"]) }
    }

    /// Whatever happens to the ledger, a new configuration is in force whole.
    @Test func aReloadIsNotLeftHalfWay() async throws {
        let test = try DaemonUnderTest()
        let ledger = try Ledger.inMemory()
        let daemon = try test.daemon(ledger: ledger)
        try await daemon.prepare()
        _ = try test.directory.makeDirectory("more")
        let text = try String(contentsOfFile: test.configurationFile, encoding: .utf8)
        try test.directory.write("lacuna.yaml", text.replacing("/data\", settle", with: "/more\", settle"))
        try ledger.database.close()
        await Reloader(daemon: daemon).reload()
        #expect(test.sink.count(.configurationReloaded) == 1 && test.sink.count(.configurationRefused) == 0)
        let other = TreeLock()
        #expect(throws: Never.self) { try other.hold(["\(test.directory.path)/data"]) }
        #expect(throws: BeamlineError.self) { try other.hold(["\(test.directory.path)/more"]) }
    }

    @Test func aFaultyDetectorFileIsToldOnceAndNotByEveryScan() async throws {
        let test = try DaemonUnderTest()
        let daemon = try test.daemon()
        let group = ServiceGroup(services: [daemon], logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await group.run() }
        try await eventually("ready") { test.manager.states.contains("READY=1") }
        test.worker.equip(Equipment(detectorProblem: WorkerFailure(.configuration, "site.yaml:1: nonsense")))
        await Reloader(daemon: daemon).reload()
        #expect(test.sink.count(.configurationRefused) == 1)
        #expect(test.sink.messages.contains { $0.contains("site.yaml") })
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test func aConfigurationWithANetworkThatCannotBeReadIsRefused() async throws {
        let test = try DaemonUnderTest()
        let daemon = try test.daemon()
        try await daemon.prepare()
        test.worker.equip(Equipment(weightsProblem: WorkerFailure(.configuration, "/m: cut short")))
        let trees = "version: 1\nwatch: [{path: \(test.directory.path)/data}]\n"
        try test.directory.write("lacuna.yaml", trees + "processing: {model: /m}")
        await Reloader(daemon: daemon).reload()
        #expect(test.sink.count(.configurationRefused) == 1)
        #expect(test.sink.messages.contains { $0.contains("/m: cut short") })
    }
}
