/// A value that many ask for and that is made anew only when it has grown old.
actor RecentValue<Value: Sendable> {
    private let age: Duration
    private let make: @Sendable () async throws -> Value
    private var last: (value: Task<Value, any Error>, time: ContinuousClock.Instant)?

    /// - Parameter age: how old a value may be when it is given out.
    init(age: Duration, make: @escaping @Sendable () async throws -> Value) {
        self.age = age
        self.make = make
    }

    var value: Value {
        get async throws {
            let now = ContinuousClock.now
            if let last, now - last.time < age { return try await last.value.value }
            let task = Task { [make] in try await make() }
            last = (task, now)
            return try await task.value
        }
    }
}
