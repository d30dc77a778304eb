internal import Foundation
internal import WorkMessages

extension ScanRecord {
    /// Moves the scan to the state that a look at it calls for.
    mutating func decide(_ verdict: ScanAssessment.Verdict, retries: RetryPolicy, at now: Date) {
        switch verdict {
        case .unchanged: break
        case .wait(let reason, _, _): (state, self.reason) = (.waiting, reason)
        case .ready(let remark): (state, reason, self.remark) = (.ready, nil, remark)
        case .skip(let reason): (state, self.reason) = (.skipped, reason)
        case .stale(let reason): (state, self.reason) = (.stale, reason)
        case .fail(let reason): fail(reason, retries: retries, at: now)
        }
    }

    /// Counts a failure: the scan is tried again later, or quarantined.
    mutating func fail(_ reason: String, retries: RetryPolicy, at now: Date) {
        attempts += 1
        self.reason = reason
        state = attempts < retries.attempts ? .failed : .quarantined
        nextAttempt = state == .failed ? now + retries.pause(afterAttempt: attempts) : nil
    }

    /// Has the scan tried again later without counting a failure, since the reason lies elsewhere.
    mutating func postpone(_ reason: String, until date: Date) {
        self.reason = reason
        state = .failed
        nextAttempt = date
    }

    /// Takes over the outcome of a scan that was inpainted.
    mutating func succeed(_ report: InpaintReport) {
        state = .done
        reason = nil
        let remarks = Set(report.remarks).union(remark.map { [$0] } ?? [])
        remark = remarks.isEmpty ? nil : remarks.sorted().joined(separator: "; ")
        attempts = 0
        detector = report.detector ?? detector
        method = report.method
        pcc = report.quality.pcc
        pccLinear = report.quality.pccLinear
        pccKriging = report.quality.pccKriging
        misfit = report.quality.misfit
        seconds = report.seconds.total
        output = report.output
    }
}
