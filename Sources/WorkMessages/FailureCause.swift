/// What a failure comes from, which decides the exit code of a command and what the daemon does about it.
public enum FailureCause: String, Codable, Sendable, CaseIterable {
    case internalFailure = "internal"
    /// Wrong usage, configuration or description of a detector: any other scan would fare as badly.
    case configuration
    /// The input is unreadable, unsupported or inconsistent.
    case input
    /// The scan is not complete.
    case incomplete
    /// No room is left for the output, on its disk or within its owner's quota.
    case outputFull = "output_full"
    /// The output cannot be written for another reason.
    case outputRefused = "output_refused"
    /// Something else lies under the output's name; only a person can change that.
    case outputOccupied = "output_occupied"

    /// The cause that an exit code tells of, as far as it does.
    public init(exitCode: Int32) {
        self =
            switch exitCode {
            case 2: .configuration
            case 3: .input
            case 4: .incomplete
            case 5: .outputRefused
            default: .internalFailure
            }
    }

    /// The exit code of a command that fails for this.
    public var exitCode: Int32 {
        switch self {
        case .internalFailure: 1
        case .configuration: 2
        case .input: 3
        case .incomplete: 4
        case .outputFull, .outputRefused, .outputOccupied: 5
        }
    }
}

/// An error that knows its cause.
public protocol CausedError: Error {
    var cause: FailureCause { get }
}
