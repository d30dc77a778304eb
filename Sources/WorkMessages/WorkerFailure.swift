/// Why a worker could not do its task.
public struct WorkerFailure: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// The exit code: 1 internal, 2 usage, 3 input, 4 not complete, 5 output.
    public var code: Int32
    public var message: String
    /// Whether nothing but a person's hand can change it, so that no attempt is worth while.
    public var isFinal: Bool?

    public init(code: Int32, message: String, isFinal: Bool? = nil) {
        self.code = code
        self.message = message
        self.isFinal = isFinal
    }

    public var description: String { message }
}

extension WorkerFailure: ErrorWithExitStatus {
    public var needsPerson: Bool { isFinal ?? false }
    public var exitStatus: ExitStatus { ExitStatus(rawValue: code) ?? .internalFailure }
}
