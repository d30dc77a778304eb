import Foundation
import TestSupport
import Testing

@testable import ScanFiles

/// What goes wrong around the daemon: disks, rights, memory, other daemons.
@Suite struct FaultTests {
    @Test(.enabled(if: SmallDisk.isPossible, "mounting is not permitted"))
    func aDiskThatRunsFullCostsNoAttempt() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try SmallDisk(at: directory.appending(path: "disk"), kibibytes: 4_096)
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0, output: \(disk.directory.plainPath)/out",
                rest: "processing: {preview: false, method: linear}\nretries: {attempts: 1, backoff_seconds: 0.2}")
            let text = try String(contentsOf: daemon.configuration, encoding: .utf8)
            try text.replacing("minimum_free_space_mb: 1", with: "minimum_free_space_mb: 0")
                .write(to: daemon.configuration, atomically: true, encoding: .utf8)
            let ballast = try disk.fill(leaving: 40_000)
            try await Simulated.scan(in: daemon.data)
            try await daemon.startAndWait()
            try await eventually("the disk is full") { daemon.count(of: "No space left on device") > 0 }
            // It is due again soon, and then waits for the room.
            try await eventually("the scan waits") {
                (try? daemon.ledger.counts()).map { $0 == ["failed": 1] || $0 == ["ready": 1] } ?? false
            }
            try FileManager.default.removeItem(at: ballast)
            try await daemon.waitUntilDone(1)
            #expect(daemon.count(of: "quarantined") == 0)
            let left = try FileManager.default.subpathsOfDirectory(atPath: disk.directory.plainPath)
            #expect(!left.contains { $0.hasSuffix(".partial") })
        }
    }

    @Test func aSecondDaemonForATreeIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory.appending(path: "first"))
            try await daemon.startAndWait()
            let other = try RestartableDaemon(in: directory.appending(path: "second"))
            try other.configure(roots: [daemon.data.appending(path: "../data")], watch: "settle_seconds: 0")
            let refused = try await other.run("watch")
            #expect(refused.status == 1)
            let process = daemon.process?.processIdentifier ?? 0
            let message =
                "lacuna: another daemon watches \(daemon.data.plainPath), or a tree above or below it: process \(process) ("
            #expect(refused.errors.hasPrefix(message), "\(refused.errors)")

            // A tree of its own is free, until a reload asks for the other's.
            try other.configure(watch: "settle_seconds: 0")
            try await other.startAndWait()
            try other.configure(roots: [daemon.data], watch: "settle_seconds: 0")
            try other.signal(SIGHUP)
            try await eventually("the tree is refused") { other.count(of: "the old configuration stays in force") == 1 }
        }
    }

    @Test func aDamagedLedgerIsRebuiltAndNothingIsLost() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "settle_seconds: 0")
            try await Simulated.scan(in: daemon.data)
            #expect(try await daemon.run("watch", "--once").status == 0)
            try Data("not a database".utf8).write(to: daemon.ledger.path)
            // What was not yet written into the ledger would mend it.
            for journal in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: daemon.ledger.path.plainPath + journal)
            }
            try await Simulated.scan(in: daemon.data)
            let again = try await daemon.run("watch", "--once")
            #expect(again.status == 0)
            #expect(again.errors.contains("the ledger was damaged"))
            #expect(try daemon.ledger.counts() == ["done": 2])
        }
    }

    /// Both were found by `Benchmarks/fuzzing`; what breaks is Debian's HDF5 library.
    @Test func filesThatBreakTheHDF5LibraryCostNoOtherScan() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "retries: {attempts: 1, backoff_seconds: 0.2}")
            for name in ["crash.h5", "endless.h5"] {
                try FileManager.default.copyItem(
                    at: LacunaProcess.package.appending(path: "Tests/CommandTests/Fixtures/\(name)"),
                    to: daemon.data.appending(path: name))
            }
            try await daemon.startAndWait()
            try await Simulated.scan(in: daemon.data)
            try await daemon.waitUntilDone(1)
            try await eventually("both are given up") { (try? daemon.ledger.counts()["quarantined"]) == 2 }
            #expect(daemon.journal.contains { $0.contains("crash.h5") && $0.contains("ended by signal") })
            // A look has 20 s of processor time, and 60 s where others want the processor, too.
            #expect(
                daemon.journal.contains {
                    $0.contains("endless.h5") && ($0.contains("does not end") || $0.contains("took longer"))
                })
            #expect(daemon.process?.isRunning == true)
        }
    }

    @Test(.enabled(if: Nobody.isPossible, "no user without rights"))
    func aDirectoryThatBecomesReadableIsSeen() async throws {
        try await withTemporaryDirectory { root in
            _ = try SmallScan.describeDetectors(in: root)
            let closed = root.appending(path: "tree/closed")
            try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: true)
            try SmallScan.nexus(closed.appending(path: "scan.h5").plainPath)
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: closed.plainPath)
            let daemon = try DaemonProcess(in: root, name: "daemon")
            try await eventually("the directory is told") { daemon.journal.contains("closed may not be read") }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: closed.plainPath)
            let status = try #require(try await daemon.wait { $0.counts["done"] == 1 }, "\(daemon.journal)")
            #expect(status.counts["done"] == 1, "\(daemon.journal)")
            #expect(try await daemon.end() == 0)
        }
    }
}
