import Foundation
import TestSupport
import Testing

/// The daemon as a program: its signals, its rules and the commands that talk to it.
@Suite struct ServiceTests {
    @Test func whatIsThereIsDoneOnceAndADryRunWritesNothing() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "settle_seconds: 0")
            try await Simulated.scan(in: daemon.data)
            try await Simulated.scan(in: daemon.data)
            let before = try FileManager.default.subpathsOfDirectory(atPath: directory.plainPath)
            let dry = try await daemon.run("watch", "--once", "--dry-run")
            #expect(dry.status == 0, "\(dry.errors)")
            #expect(dry.errors.contains("crystal_0001_scan0002_inpainted.h5 (dry run)"))
            #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.plainPath) == before)

            let once = try await daemon.run("watch", "--once")
            #expect(once.status == 0 && once.errors.components(separatedBy: " done: ").count == 3, "\(once.errors)")
            #expect(try daemon.ledger.counts() == ["done": 2])
            let again = try await daemon.run("watch", "--once")
            #expect(again.status == 0 && !again.errors.contains(" taken"), "\(again.errors)")

            // A dry run knows what was done, and changes nothing of it.
            let finished = try FileManager.default.subpathsOfDirectory(atPath: directory.plainPath)
            let dryAgain = try await daemon.run("watch", "--once", "--dry-run")
            for scan in 1...2 {
                let words = "#\(scan) is done already → \(daemon.data.plainPath)/"
                #expect(dryAgain.errors.components(separatedBy: words).count == 2, "\(dryAgain.errors)")
            }
            #expect(!dryAgain.errors.contains("would be inpainted"), "\(dryAgain.errors)")
            #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.plainPath) == finished)
        }
    }

    @Test func signalsAreObeyedDuringWork() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "processing: {preview: false}")
            let scan = try await LongScan.write(in: daemon)
            try daemon.start()
            try await eventually("the output grows") { try LongScan.hasPartialOutput(daemon.data) }

            let second = try await daemon.run("watch")
            #expect(second.status == 1 && second.errors.contains("another daemon"), "\(second.errors)")
            let status = try await daemon.run("status")
            #expect(status.output.contains(scan.lastPathComponent), "\(status.output)")

            try daemon.configure(watch: "settle_seconds: never")
            try daemon.signal(SIGHUP)
            try await eventually("the fault is told") {
                daemon.count(of: "the old configuration stays in force") == 1
                    && daemon.count(of: "lacuna.yaml:3: watch[0].settle_seconds") == 1
            }
            let more = directory.appending(path: "more")
            try daemon.configure(roots: [more], watch: "settle_seconds: 0", rest: "processing: {preview: false}")
            try daemon.signal(SIGHUP)
            try await eventually("the new configuration is told") { daemon.count(of: "is in force") == 1 }
            try await Simulated.scan(in: more)
            try await eventually("the new tree is watched") { try daemon.ledger.counts()["ready"] == 1 }

            try daemon.signal(SIGTERM)
            #expect(try await daemon.end(within: .seconds(10)) == 0)
            #expect(try daemon.ledger.counts() == ["ready": 2])
            #expect(try daemon.ledger.timelines()[scan.plainPath]?.suffix(2) == ["processing", "ready"])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: daemon.data.plainPath) == [scan.lastPathComponent])
        }
    }

    @Test(arguments: ["inotify", "poll"])
    func scansAreFoundHoweverTheyCome(events: String) async throws {
        try await withTemporaryDirectory { directory in
            let outputs = directory.appending(path: "outputs")
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0, events: \(events), output: \(outputs.plainPath)")
            try await daemon.startAndWait()

            try await Simulated.scan(in: daemon.data.appending(path: "made/later"))
            let elsewhere = directory.appending(path: "elsewhere")
            try await Simulated.scan(in: elsewhere)
            try FileManager.default.moveItem(at: elsewhere, to: daemon.data.appending(path: "moved in"))
            try await daemon.waitUntilDone(2)
            for place in ["made/later", "moved in"] {
                let output = "\(place)/crystal/crystal_0001/crystal_0001_scan0001_inpainted"
                #expect(FileManager.default.fileExists(atPath: outputs.appending(path: "\(output).h5").plainPath))
                #expect(FileManager.default.fileExists(atPath: outputs.appending(path: "\(output).png").plainPath))
            }
            let inputs = try FileManager.default.subpathsOfDirectory(atPath: daemon.data.plainPath)
            #expect(!inputs.contains { $0.contains("inpainted") })
        }
    }

    @Test func detectorsAreRestrictedAndHaveTheirOwnProcessing() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "settle_seconds: 0, detectors: [maxipix-2x2]")
            let overrides = directory.appending(path: "detectors.d")
            try FileManager.default.createDirectory(at: overrides, withIntermediateDirectories: true)
            try "name: maxipix-2x2\nprocessing: {method: nearest}\n"
                .write(to: overrides.appending(path: "site.yaml"), atomically: true, encoding: .utf8)
            try await Simulated.scan(in: daemon.data.appending(path: "maxipix"))
            try await Simulated.scan(
                in: daemon.data.appending(path: "eiger"), Simulated.small, "--detector", "id01-eiger2m")
            let result = try await daemon.run("watch", "--once")
            #expect(result.status == 0)
            #expect(result.errors.contains("done: maxipix-2x2, nearest"), "\(result.errors)")
            #expect(result.errors.contains("skipped: detector id01-eiger2m is not among those taken here"))
            #expect(try daemon.ledger.counts() == ["done": 1, "skipped": 1])
        }
    }

    @Test func pausedScansWaitAndASubmittedFileDoesNotThoughTheDaemonIsKilled() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "settle_seconds: 0")
            try await daemon.startAndWait()
            let pause = try await daemon.run("pause")
            #expect(pause.status == 0 && pause.output.hasPrefix("paused: all scans"), "\(pause.errors)")
            try await Simulated.scan(in: daemon.data.appending(path: "first"))
            let wanted = try await Simulated.scan(in: daemon.data.appending(path: "second"))
            try await eventually("both wait") { try daemon.ledger.counts() == ["ready": 2] }
            try daemon.signal(SIGKILL)
            _ = try await daemon.end()

            let early = try await daemon.run("submit", wanted.plainPath)
            #expect(early.output.contains("no daemon is running"), "\(early.output)\(early.errors)")
            try await daemon.startAndWait()
            let submit = try await daemon.run("submit", wanted.plainPath)
            #expect(submit.status == 0 && submit.output.contains(" done "), "\(submit.output)\(submit.errors)")
            #expect(try daemon.ledger.counts() == ["done": 1, "ready": 1])
            #expect(try await daemon.run("status").output.contains("paused: all scans"))

            #expect(try await daemon.run("resume").output == "nothing is paused now\n")
            try await daemon.waitUntilDone(2)
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
            let elsewhere = try await daemon.run("pause", "--root", "/elsewhere")
            #expect(elsewhere.status == 2 && elsewhere.errors.contains("/elsewhere lies in no tree"))
        }
    }

    @Test func retryTakesAQuarantinedScanUpAgain() async throws {
        try await withTemporaryDirectory { directory in
            let outputs = directory.appending(path: "outputs")
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0, output: \(outputs.plainPath)", rest: "retries: {attempts: 1}")
            try "in the way".write(to: outputs, atomically: true, encoding: .utf8)
            let scan = try await Simulated.scan(in: daemon.data)
            try await daemon.startAndWait()
            try await eventually("quarantined") { try daemon.ledger.counts() == ["quarantined": 1] }

            let unknown = try await daemon.run("retry", "no such scan")
            #expect(unknown.status == 2 && unknown.errors.contains("no such scan"))
            try FileManager.default.removeItem(at: outputs)
            let retry = try await daemon.run("retry", "\(scan.plainPath)#1")
            #expect(retry.status == 0 && retry.output == "\(scan.plainPath)#1: put back\n", "\(retry.errors)")
            try await daemon.waitUntilDone(1)
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
            #expect(try await daemon.run("retry", "--failed").output == "nothing to put back\n")
        }
    }
}
