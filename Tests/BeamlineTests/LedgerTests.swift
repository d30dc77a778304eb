import Foundation
import GRDB
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

@Suite struct LedgerTests {
    let directory: TemporaryDirectory
    let ledger: Ledger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try Ledger(directory: directory.path)
    }

    private func add(_ file: String, _ scan: Int, _ state: ScanState, reason: String? = nil) async throws -> ScanRecord
    {
        var record = ScanRecord(file: file, entry: "/\(scan).1", scan: scan, state: state, at: Date())
        record.reason = reason
        record.attempts = 3
        return try await ledger.save(record)
    }

    @Test func scansAreNamedInThreeWays() async throws {
        let first = try await add("/d/a.h5", 1, .done)
        let second = try await add("/d/a.h5", 2, .quarantined)
        _ = try await add("/d/b#1.h5", 1, .failed)
        let now = Date()
        #expect(try await ledger.retry(.named(["\(first.id ?? 0)"]), at: now).map(\.name) == ["/d/a.h5#1"])
        #expect(try await ledger.retry(.named(["/d/a.h5"]), at: now).count == 2)
        #expect(try await ledger.retry(.named(["/d/a.h5#2"]), at: now).map(\.id) == [second.id])
        #expect(try await ledger.retry(.named(["/d/b#1.h5"]), at: now).count == 1)
        let back = try #require(try await ledger.scans(in: "/d/a.h5")["/2.1"])
        #expect(back.state == .discovered && back.attempts == 0)
        #expect(try await ledger.retry(.failed, at: now).isEmpty)
        await #expect(throws: BeamlineError.unknownScan("/d/c.h5")) {
            try await ledger.retry(.named(["/d/a.h5", "/d/c.h5"]), at: now)
        }
    }

    @Test func onlyChangedFilesAreTold() async throws {
        let files = (0..<1_000).map {
            SeenFile(path: "/d/\($0)", stamp: FileStamp(size: 1, modifiedNanoseconds: Int64($0), inode: 1))
        }
        try await ledger.remember(files, outcome: "done")
        #expect(try await ledger.changed(files).isEmpty)
        var touched = files[7]
        touched.stamp.modifiedNanoseconds += 1
        let new = SeenFile(path: "/d/new", stamp: touched.stamp)
        #expect(try await ledger.changed([files[6], touched, new]) == [touched, new])
    }

    @Test func anUpdateOfAnOldStateIsRefused() async throws {
        let record = try await add("/d/a.h5", 1, .ready)
        var ready = record
        _ = try await ledger.take(record.id, output: "/out.h5", at: Date())
        ready.state = .skipped
        #expect(try await ledger.update(ready, from: record) == false)
        #expect(try await ledger.scans(in: "/d/a.h5")["/1.1"]?.state == .processing)
    }

    @Test func itIsThereAfterARestartAndReadableBesideTheDaemon() async throws {
        _ = try await add("/d/a.h5", 1, .done)
        let reader = try Ledger.readOnly(directory: directory.path)
        #expect(try await reader.counts() == [.done: 1])
        let again = try Ledger(directory: directory.path)
        #expect(try await again.scans(in: "/d/a.h5").count == 1)
    }

    @Test func readingWithoutADaemonLeavesNothingBesideTheLedger() async throws {
        _ = try await add("/d/a.h5", 1, .done)
        try ledger.database.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(!names.contains("ledger.sqlite-shm"))
        let reader = try Ledger.readOnly(directory: directory.path)
        #expect(try await reader.counts() == [.done: 1])
        #expect(try await Ledger.inMemory(as: directory.path).counts() == [.done: 1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == names)
    }

    @Test func filesOfUnsettledScansAreRevisited() async throws {
        var failed = try await add("/d/failed.h5", 1, .failed)
        failed.nextAttempt = Date(timeIntervalSince1970: 2_000_000_000)
        try await ledger.save(failed)
        _ = try await add("/d/waiting.h5", 1, .waiting)
        _ = try await add("/d/done.h5", 1, .done)
        let files = try await ledger.filesToRevisit().sorted { $0.file < $1.file }
        #expect(files.map(\.file) == ["/d/failed.h5", "/d/waiting.h5"])
        #expect(files.map(\.at) == [failed.nextAttempt, nil])
    }

    @Test func aScanInWorkIsNotPutBackAndSaysSo() async throws {
        let record = try await add("/d/a.h5", 7, .ready)
        _ = try await ledger.take(record.id, output: "/out.h5", at: Date())
        let error = await #expect(throws: BeamlineError.self) {
            try await ledger.retry(.named(["#\(record.id ?? 0)"]), at: Date())
        }
        #expect(error == .inWork("#\(record.id ?? 0) (/d/a.h5#7)", process: nil))
        #expect("\(BeamlineError.inWork("/d/a.h5#7", process: getpid()))".contains("by process \(getpid()) ("))
        #expect(try await ledger.counts() == [.processing: 1])
        // Of a file with several scans the others are put back.
        _ = try await add("/d/a.h5", 8, .quarantined)
        #expect(try await ledger.retry(.named(["/d/a.h5"]), at: Date()).map(\.scan) == [8])
    }

    @Test func aSecondDaemonIsKeptOut() throws {
        let state = try directory.makeDirectory("state")
        let lock = try StateLock(directory: state, configuration: "/etc/a.yaml")
        #expect(StateLock.isHeld(directory: state))
        let error = #expect(throws: BeamlineError.self) { try StateLock(directory: state, configuration: "") }
        #expect(error == .alreadyRunning(stateDirectory: state, process: Int(getpid())))
        let holder = try #require(StateLock.holder(of: state))
        #expect(holder.process == getpid() && holder.configuration == "/etc/a.yaml")
        withExtendedLifetime(lock) {}
    }

    @Test func aStateDirectoryThatCannotBeMadeIsOneError() throws {
        try directory.write("file")
        let error = #expect(throws: BeamlineError.self) {
            try StateLock(directory: "\(directory.path)/file/state", configuration: "")
        }
        #expect(error?.cause == .configuration)
    }
}
