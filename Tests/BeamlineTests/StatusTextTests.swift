import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline
@testable import StatusSite

/// What a person reads of `lacuna status` and at the end of `lacuna watch --once`.
@Suite struct StatusTextTests {
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func scan(_ state: ScanState, _ change: (inout ScanRecord) -> Void = { _ in }) -> StatusReport.Scan {
        var record = ScanRecord(file: "/data/s_0001.h5", entry: "/7.1", scan: 7, state: state, at: now - 600)
        record.id = 12
        change(&record)
        return StatusReport.Scan(record)
    }

    @Test func aFailureTellsWhenAndWhyBeforeWhich() {
        let text = scan(.quarantined) {
            $0.reason = "/data/s_0001.h5: not an HDF5 file"
            $0.attempts = 3
        }.text(now: now)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 2 && lines[1] == "    /data/s_0001.h5#7")
        #expect(lines[0].wholeMatch(of: /#12 quarantined \d\d:\d\d after 3 attempts: not an HDF5 file/) != nil)
        #expect(text.matches(of: /s_0001/).count == 1, "no path twice")
    }

    @Test func aFailureThatIsTriedAgainTellsWhen() {
        let text = scan(.failed) {
            $0.reason = "once"
            $0.nextAttempt = now + 60
        }.text(now: now)
        #expect(text.contains(/#12 failed \d\d:\d\d, again \d\d:\d\d: once/))
        #expect(
            scan(.waiting) { $0.reason = "no end marker yet" }.text(now: now).contains(" for 10 min: no end marker"))
        #expect(scan(.failed).text(now: now + 86_400).contains(/failed \d{4}-\d\d-\d\d \d\d:\d\d/))
    }

    @Test func aResultTellsItsVerdictAndWhereItLies() {
        let text = scan(.done) {
            $0.output = "/data/out.h5"
            $0.verdict = "trust 6 px; leave free 41 px"
        }.text(now: now)
        #expect(text.contains("trust 6 px; leave free 41 px") && text.hasSuffix("\n    → /data/out.h5"))
    }

    @Test func theTableOfABatchNamesWhatFailed() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try Ledger(directory: directory.path)
        for (file, state) in [("/d/good.h5", ScanState.done), ("/d/bad.h5", .quarantined)] {
            var record = ScanRecord(file: file, entry: "", state: state, at: Date())
            record.reason = state == .done ? nil : "\(file): damaged"
            try await ledger.save(record)
        }
        let report = try await BatchReport(ledger: ledger, since: Date() - 60, seconds: 1)
        #expect(report.hasFailures)
        #expect(report.text.contains("\n  /d/bad.h5: damaged\n"), "\(report.text)")
        #expect(try await ledger.retry(.named(["#2"]), at: Date()).map(\.file) == ["/d/bad.h5"])
        #expect(try await !BatchReport(ledger: ledger, since: Date() + 60, seconds: 1).hasFailures)
    }
}
