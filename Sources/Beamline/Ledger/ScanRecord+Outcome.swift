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

    /// Interruptions in a row up to which none is a fault of the scan.
    private static let interruptionLimit = 10

    /// Has the scan begun again after its work was ended from outside: at once the first time, later each further time in a
    /// row, and as a failure where there is no end of it, since the scan itself may bring down what works on it.
    mutating func interrupt(_ reason: String, retries: RetryPolicy, at now: Date) {
        crashes += 1
        switch crashes {
        case 1: (state, self.reason) = (.ready, reason)
        case 2...Self.interruptionLimit: postpone(reason, until: now + retries.pause(afterAttempt: crashes - 1))
        default: fail("\(reason), \(crashes) times in a row", retries: retries, at: now)
        }
    }

    /// Takes over the outcome of a scan that was inpainted.
    mutating func succeed(_ report: InpaintReport) {
        state = .done
        reason = nil
        replaces = nil
        let remarks = Set(report.remarks).union(remark.map { [$0] } ?? [])
        remark = remarks.isEmpty ? nil : remarks.sorted().joined(separator: "; ")
        attempts = 0
        detector = report.detector ?? detector
        method = report.method
        pcc = report.quality.pcc
        pccLinear = report.quality.pccLinear
        pccKriging = report.quality.pccKriging
        misfit = report.quality.misfit
        verdict = report.gaps.map(\.summary).flatMap { $0.isEmpty ? nil : $0 }
        seconds = report.seconds.total
        output = report.output
    }
}
