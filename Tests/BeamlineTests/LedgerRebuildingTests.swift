import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

@Suite struct LedgerRebuildingTests {
    let directory: TemporaryDirectory
    let sink = RecordingSink()
    private static let scans = 2_000

    init() throws { directory = try TemporaryDirectory() }

    private var file: String { Ledger.path(in: directory.path) }

    private func open() throws -> Ledger {
        try Ledger.rebuiltIfDamaged(directory: directory.path, journal: sink.journal)
    }

    private func fill() async throws {
        let ledger = try Ledger(directory: directory.path)
        for number in 0..<Self.scans {
            try await ledger.save(ScanRecord(file: "/d/\(number).h5", entry: "/1.1", state: .done, at: Date()))
        }
    }

    private func overwrite(at offset: UInt64, _ count: Int) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: file))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(repeating: 0xa5, count: count))
        try handle.close()
    }

    private var namesAside: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: directory.path)
                .filter { $0.hasPrefix("ledger-damaged-20") && $0.hasSuffix(".sqlite") }
        }
    }

    @Test func aSoundLedgerIsLeftAlone() async throws {
        try await fill()
        #expect(try await open().counts() == [.done: Self.scans])
        #expect(try namesAside.isEmpty && sink.entries.isEmpty)
    }

    @Test func whatCanBeReadOfADamagedLedgerIsTakenOver() async throws {
        try await fill()
        let size = try #require(try FileStamp.read(file)?.size)
        try overwrite(at: UInt64(size) / 2, 20_000)
        let ledger = try open()
        let kept = try await ledger.counts()[.done] ?? 0
        #expect(kept > Self.scans / 2 && kept < Self.scans)
        #expect(try namesAside.count == 1)
        #expect(sink.count(.ledgerRebuilt) == 1)
        #expect(sink.messages.contains { $0.contains("\(kept) scans were taken over") })
        try await ledger.save(ScanRecord(file: "/d/new.h5", entry: "/1.1", state: .done, at: Date()))
    }

    @Test func garbageIsReplacedByAnEmptyLedger() async throws {
        try directory.write("ledger.sqlite", String(repeating: "no database ", count: 1_000))
        #expect(try await open().counts().isEmpty)
        #expect(try namesAside.count == 1)
        #expect(sink.messages.contains { $0.contains("0 scans were taken over") })
    }
}
