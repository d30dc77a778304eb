internal import Foundation

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
