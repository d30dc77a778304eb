internal import Foundation
internal import WorkMessages

extension StatusReport {
    /// How many of the last results are shown.
    static let lastResults = 10
    /// How many failures are shown.
    static let failures = 1000

    /// What the ledger remembers, without a daemon.
    init(ledger: Ledger, running: Bool) async throws {
        let counts = try await ledger.counts()
        self.init(
            running: running,
            counts: Dictionary(ScanState.allCases.map { ($0.rawValue, counts[$0] ?? 0) }) { first, _ in first },
            queueLength: counts[.ready] ?? 0,
            queue: try await ledger.latest([.ready, .waiting, .discovered], limit: Self.lastResults).map(Scan.init),
            last: try await ledger.latest([.done, .skipped, .stale], limit: Self.lastResults).map(Scan.init),
            failed: try await ledger.latest([.quarantined, .failed], limit: Self.failures).map(Scan.init))
        paused = try await ledger.pausedTrees().text
    }
}

extension StatusReport.Scan {
    init(_ record: ScanRecord) {
        self.init(
            id: record.id ?? 0, file: record.file, scan: record.scan, state: record.state, attempts: record.attempts,
            updated: record.updatedAt)
        title = record.title
        reason = record.reason
        remark = record.remark
        detector = record.detector
        output = record.output
        method = record.method
        pcc = record.pcc
        pccLinear = record.pccLinear
        pccKriging = record.pccKriging
        misfit = record.misfit
        verdict = record.verdict
        seconds = record.seconds
        nextAttempt = record.nextAttempt
    }
}

extension CurrentWork {
    init(_ record: ScanRecord, at now: Date) {
        self.init(file: record.file, scan: record.scan, detector: record.detector, started: now)
    }
}
