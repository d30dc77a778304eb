/// What a test waited for has not come.
public struct NeverCame: Error, CustomStringConvertible {
    public var description: String
}

/// Waits until something holds, up to a deadline that only a failing test reaches.
///
/// - Throws: ``NeverCame`` at the deadline.
public func eventually(
    _ what: String, within limit: Duration = .seconds(600), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now > end { throw NeverCame(description: "\(what): not within \(limit)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
