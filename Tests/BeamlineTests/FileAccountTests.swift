import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// Every file that is met ends somewhere, and a person can ask where.
@Suite struct FileAccountTests {
    private let bench: Bench
    private let configuration: Configuration

    init() throws {
        bench = try Bench()
        configuration = Configuration(roots: [WatchedRoot(path: bench.directory.path)])
    }

    private func account(_ name: String) async throws -> FileAccount {
        try await FileAccount(
            of: "\(bench.directory.path)/\(name)", ledger: bench.ledger, configuration: configuration)
    }

    @Test func filesThatAreNeverLookedAtSayWhy() async throws {
        for (name, words) in [
            ("notes.txt", "is none of h5"), (".hidden/a.h5", "begins with a dot"),
            ("a_inpainted.h5", "output of Lacuna"),
        ] {
            _ = try bench.directory.write(name, "x")
            let account = try await account(name)
            #expect(account.kind == .ignored && account.reason.contains(words), "\(account)")
        }
        #expect(try await account("gone.h5").kind == .missing)
        let elsewhere = try await FileAccount(of: "/etc/passwd", ledger: bench.ledger, configuration: configuration)
        #expect(elsewhere.kind == .ignored && elsewhere.reason.contains("watched"))
    }

    @Test func filesThatWereLookedAtSayWhatTheyAre() async throws {
        let path = try bench.directory.write("s.h5", "x")
        #expect(try await account("s.h5").kind == .pending)
        let seen = SeenFile(path: path, stamp: try #require(try FileStamp.read(path)))
        try await bench.ledger.remember([seen], outcome: "holds no stack of images")
        let plain = try await account("s.h5")
        #expect(plain.kind == .notAScan && plain.text.hasSuffix("s.h5: not a scan: holds no stack of images"))

        var record = ScanRecord(file: path, entry: "/1.1", scan: 1, state: .skipped, at: Date())
        record.reason = "title"
        try await bench.ledger.save(record)
        try await bench.ledger.remember([seen], outcome: "bliss dataset")
        let scans = try await account("s.h5")
        #expect(scans.kind == .scans && scans.text.hasSuffix("bliss dataset\n  scan 1: skipped: title"))

        _ = try bench.directory.write("scan0001/mpx_0000.h5", "x")
        #expect(try await account("scan0001/mpx_0000.h5").reason == "is a part of \(path)")
        _ = try bench.directory.write("s.h5", "longer")
        #expect(try await account("s.h5").kind == .pending)
    }

    @Test func anOutputIsNamedOnlyWhereItWasWritten() async throws {
        let path = try bench.directory.write("s.h5", "x")
        var record = ScanRecord(file: path, entry: "/1.1", scan: 1, state: .quarantined, at: Date())
        let output = try bench.directory.write("o/s_inpainted.h5", "x")
        (record.output, record.reason, record.pcc) = (output, "\(output): is there already", 0.9)
        record = try await bench.ledger.save(record)
        let refused = try await account("s.h5").text
        #expect(refused.contains("quarantined: \(output): is there") && !refused.contains("→"), "\(refused)")
        #expect(!refused.contains("pcc"), "figures of a former run: \(refused)")
        (record.state, record.reason) = (.done, nil)
        try await bench.ledger.save(record)
        let done = try await account("s.h5").text
        #expect(done.contains("pcc 0.900") && done.contains("→ \(output)"))
        try FileManager.default.removeItem(atPath: output)
        let gone = try await account("s.h5").text
        #expect(gone.contains("is not there any more; lacuna retry makes it anew") && !gone.contains("→"), "\(gone)")
    }

    @Test func aPermissionThatIsMendedLaterIsNoticed() async throws {
        let file = SeenFile(path: "/d/a.h5", stamp: FileStamp(size: 1, modifiedNanoseconds: 2, inode: 3))
        try await bench.ledger.remember([file], outcome: "nexus", isReadable: { _ in false })
        #expect(try await bench.ledger.changed([file], isReadable: { _ in false }).isEmpty)
        #expect(try await bench.ledger.changed([file], isReadable: { _ in true }) == [file])
        try await bench.ledger.remember([file], outcome: "nexus", isReadable: { _ in true })
        #expect(try await bench.ledger.changed([file], isReadable: { _ in true }).isEmpty)
    }
}
