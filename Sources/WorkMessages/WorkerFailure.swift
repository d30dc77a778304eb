/// Why a worker could not do its task.
public struct WorkerFailure: CausedError, Codable, Sendable, Equatable, CustomStringConvertible {
    public var cause: FailureCause
    /// For people: names the file, what was found and what was expected.
    public var message: String

    public init(_ cause: FailureCause, _ message: String) {
        self.cause = cause
        self.message = message
    }

    public var description: String { message }
}
