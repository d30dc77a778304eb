import Foundation
import Testing
import WorkMessages

@testable import Beamline

/// Scans without an end marker that have fewer frames than were asked for.
@Suite struct OpenSeriesTests {
    private func verdict(written: Int, afterMinutes minutes: Double) -> ScanAssessment.Verdict {
        let now = Date()
        var found = InspectedScan(scan: nil, entry: "/entry")
        found.fingerprint = "f"
        found.completeness = .init(state: .unmarked, framesWritten: written, framesExpected: 24, evidence: [])
        return ScanAssessment(
            found: found, known: nil, root: WatchedRoot(path: "/d"), modified: now - minutes * 60, now: now
        ).verdict
    }

    @Test func aSeriesThatRunsIsWaitedForAndOneThatWasGivenUpIsTakenAsAborted() {
        guard case .wait(let reason, _, .running) = verdict(written: 16, afterMinutes: 5) else {
            Issue.record("it is not waited for")
            return
        }
        #expect(reason.contains("16 of 24 frames"))
        #expect(verdict(written: 16, afterMinutes: 61) == .ready(remark: "aborted after 16 of 24 frames"))
        #expect(verdict(written: 2, afterMinutes: 61) == .skip(reason: "aborted after 2 of 24 frames"))
        #expect(verdict(written: 24, afterMinutes: 5) == .ready(remark: nil))
    }
}
