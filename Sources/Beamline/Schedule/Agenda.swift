internal import Foundation
internal import Synchronization

/// Which files are to be looked at, and when.
///
/// Files that changed a moment ago have their time; those found by going through the tree come after them, newest first.
struct Agenda {
    /// Why a file has its time.
    enum Purpose {
        /// It changed.
        case event
        /// A layout without an end marker is waited for to be quiet.
        case settling
        /// A scan runs.
        case running
        /// Something failed and is tried again.
        case retry
    }

    struct Appointment: Equatable {
        var date: Date
        var purpose: Purpose
    }

    private var appointments: [String: Appointment] = [:]
    /// Sorted from old to new when `isSorted`.
    private var backlog: [(path: String, modified: Int64)] = []
    private var inBacklog: Set<String> = []
    private var isSorted = true
    private var looksSinceBacklog = 0

    /// So many files that have their time come before one of the backlog, which would wait for ever where files change
    /// all the time.
    static let looksBeforeBacklog = 3

    var isEmpty: Bool { appointments.isEmpty && backlog.isEmpty }
    var count: Int { appointments.count + backlog.count }

    /// Whether something is to be done that does not depend on a running scan or on a new attempt.
    var hasPromptWork: Bool {
        !backlog.isEmpty || appointments.values.contains { $0.purpose == .event || $0.purpose == .settling }
    }

    /// Looks at a file at some time, or earlier where it has an earlier appointment.
    mutating func add(_ path: String, at date: Date, for purpose: Purpose) {
        if let known = appointments[path], known.date <= date { return }
        appointments[path] = Appointment(date: date, purpose: purpose)
    }

    /// Looks at a file when there is nothing more urgent.
    mutating func addToBacklog(_ path: String, modified: Int64) {
        guard appointments[path] == nil, inBacklog.insert(path).inserted else { return }
        backlog.append((path, modified))
        isSorted = false
    }

    mutating func remove(_ path: String) {
        appointments[path] = nil
    }

    /// The file to look at now, taken off the agenda.
    mutating func next(at now: Date) -> String? {
        let first = appointments.min { $0.value.date < $1.value.date }
        if let first, first.value.date <= now, backlog.isEmpty || looksSinceBacklog < Self.looksBeforeBacklog {
            looksSinceBacklog += 1
            appointments[first.key] = nil
            return first.key
        }
        looksSinceBacklog = 0
        if !isSorted {
            backlog.sort { $0.modified < $1.modified }
            isSorted = true
        }
        guard let newest = backlog.popLast() else { return nil }
        inBacklog.remove(newest.path)
        return newest.path
    }

    /// When the next file is due.
    var nextDate: Date? {
        backlog.isEmpty ? appointments.values.map(\.date).min() : .distantPast
    }
}

/// Lets one loop sleep until somebody rings or some time has come.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let time: any TimeSource
    private let state = Mutex(State())

    init(time: any TimeSource) {
        self.time = time
    }

    /// Wakes the sleeper, or spares it the next sleep.
    func ring() {
        let sleeper = state.withLock { state in
            state.hasRung = state.sleeper == nil
            return state.sleeper.take()
        }
        sleeper?.resume()
    }

    /// Sleeps until the bell rings, until `date`, or until the task is cancelled. One loop may sleep at a time.
    func wait(until date: Date) async {
        guard date > time.now else { return }
        let timer = Task {
            try? await time.sleep(until: date)
            if !Task.isCancelled { ring() }
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if state.hasRung || Task.isCancelled {
                        state.hasRung = false
                        return true
                    }
                    state.sleeper = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}

/// What time it is, and a way to sleep until some time; tests have their own.
protocol TimeSource: Sendable {
    /// For everything that is due: it never jumps, even when the machine's clock is set.
    var now: Date { get }
    /// For times that people or file systems give and read.
    var wallClock: Date { get }

    func sleep(until date: Date) async throws
}

extension TimeSource {
    var wallClock: Date { now }
}

/// The real time: that of the start, carried on by a clock that nobody can set.
struct SystemTime: TimeSource {
    private let start = (date: Date(), instant: ContinuousClock.now)

    var now: Date { start.date + (ContinuousClock.now - start.instant) / .seconds(1) }
    var wallClock: Date { Date() }

    func sleep(until date: Date) async throws {
        try await Task.sleep(for: .seconds(max(0, date.timeIntervalSince(now))))
    }
}
