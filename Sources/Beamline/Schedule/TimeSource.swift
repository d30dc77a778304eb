internal import Foundation

/// The time of day, and a way to sleep until some time; tests have their own.
protocol TimeSource: Sendable {
    var now: Date { get }
    func sleep(until date: Date) async throws
}

/// The real time.
struct SystemTime: TimeSource {
    var now: Date { Date() }

    func sleep(until date: Date) async throws {
        try await Task.sleep(for: .seconds(max(0, date.timeIntervalSince(now))))
    }
}
