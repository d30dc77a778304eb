internal import Foundation
internal import Synchronization

/// What the daemon is doing right now, for `lacuna status` and for `systemctl status`.
final class StatusBoard: Sendable {
    private struct State {
        var work: CurrentWork?
        var lastSign = Date.distantPast
        var paused: String?
        var shown = ""
        var shownAt = Date.distantPast
    }

    private let manager: any ServiceManager
    private let state = Mutex(State())

    init(manager: any ServiceManager) {
        self.manager = manager
    }

    var work: CurrentWork? { state.withLock { $0.work } }

    /// Why no scan is taken, where that is so.
    var paused: String? {
        get { state.withLock { $0.paused } }
        set {
            state.withLock { $0.paused = newValue }
            if let newValue { show("paused: \(newValue)") }
        }
    }

    func begin(_ record: ScanRecord, at now: Date) {
        state.withLock {
            $0.work = CurrentWork(record, at: now)
            $0.lastSign = now
        }
        show("\(record.name): started")
    }

    func advance(_ progress: WorkProgress, at now: Date) {
        let text: String? = state.withLock { state in
            state.lastSign = now
            state.work?.advance(progress, at: now)
            guard now.timeIntervalSince(state.shownAt) >= 1, let work = state.work else { return nil }
            state.shownAt = now
            return work.summary
        }
        if let text { show(text) }
    }

    func end() {
        state.withLock { $0.work = nil }
    }

    func showIdle() {
        show("waiting for scans")
    }

    func secondsSinceProgress(at now: Date) -> Double {
        now.timeIntervalSince(state.withLock { $0.lastSign })
    }

    private func show(_ text: String) {
        let isNew = state.withLock { state in
            defer { state.shown = text }
            return state.shown != text
        }
        if isNew { manager.status(text) }
    }
}
