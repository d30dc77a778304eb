internal import Foundation
internal import StatusSite
internal import Synchronization
internal import WorkMessages

/// What the daemon is doing right now, for `lacuna status` and for `systemctl status`.
final class StatusBoard: Sendable {
    private struct Entry {
        var id: Int64
        var work: CurrentWork
        var lastSign: Date
    }

    private struct State {
        /// In the order in which the scans were taken.
        var entries: [Entry] = []
        var paused: String?
        var shown = ""
        var shownAt = Date.distantPast
    }

    private let manager: any ServiceManager
    private let state = Mutex(State())

    init(manager: any ServiceManager) {
        self.manager = manager
    }

    /// What is in work, that first which was taken first.
    var work: [CurrentWork] { state.withLock { $0.entries.map(\.work) } }

    /// One line for people; `nil` while nothing is in work.
    var summary: String? { Self.summary(work) }

    /// Why no scan is taken, where that is so.
    var paused: String? {
        get { state.withLock { $0.paused } }
        set {
            state.withLock { $0.paused = newValue }
            if let newValue { show("paused: \(newValue)") }
        }
    }

    func begin(_ record: ScanRecord, at now: Date) {
        guard let id = record.id else { return }
        state.withLock { $0.entries.append(Entry(id: id, work: CurrentWork(record, at: now), lastSign: now)) }
        show("\(record.name): started")
    }

    func advance(_ id: Int64?, _ progress: WorkProgress, at now: Date) {
        let text: String? = state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.id == id }) else { return nil }
            state.entries[index].lastSign = now
            state.entries[index].work.advance(progress, at: now)
            guard now.timeIntervalSince(state.shownAt) >= 1 else { return nil }
            state.shownAt = now
            return Self.summary(state.entries.map(\.work))
        }
        if let text { show(text) }
    }

    func end(_ id: Int64?) {
        state.withLock { $0.entries.removeAll { $0.id == id } }
    }

    func showIdle() {
        show("waiting for scans")
    }

    /// The scans in work that gave no sign of progress for longer than `limit` seconds.
    func silent(forSeconds limit: Double, at now: Date) -> [Int64] {
        state.withLock { $0.entries.filter { now.timeIntervalSince($0.lastSign) > limit }.map(\.id) }
    }

    private static func summary(_ work: [CurrentWork]) -> String? {
        guard let first = work.first else { return nil }
        return (work.count > 1 ? "\(work.count) scans in work, the first " : "") + first.summary
    }

    private func show(_ text: String) {
        let isNew = state.withLock { state in
            defer { state.shown = text }
            return state.shown != text
        }
        if isNew { manager.status(text) }
    }
}

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
        let trees = try await ledger.pausedTrees()
        (paused, pausedTrees) = (trees.text, trees.isEmpty ? nil : trees)
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
        // Of any other scan the ledger knows where its output would be written.
        output = record.state == .done ? record.output : nil
        method = record.method
        pcc = record.pcc
        pccHidden = record.pccHidden
        pccLinear = record.pccLinear
        pccKriging = record.pccKriging
        misfit = record.misfit
        verdict = record.verdict
        seconds = record.seconds
        nextAttempt = record.nextAttempt
    }
}

extension QualityPoint {
    /// How many scans a plot shows.
    static let most = 500

    init(_ record: ScanRecord) {
        self.init(id: record.id ?? 0, file: record.file, recorded: record.changedAt)
        scan = record.scan
        detector = record.detector
        title = record.title
        pcc = record.pcc
        misfit = record.misfit
        verdict = record.verdict
        method = record.method
    }
}

extension CurrentWork {
    init(_ record: ScanRecord, at now: Date) {
        self.init(file: record.file, scan: record.scan, detector: record.detector, started: now)
    }
}
