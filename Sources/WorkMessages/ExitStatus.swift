/// The exit codes of all commands.
public enum ExitStatus: Int32, Codable, Sendable {
    case internalFailure = 1
    /// Wrong usage or configuration.
    case usage = 2
    /// The input is unreadable, unsupported or inconsistent.
    case input = 3
    /// The scan is not complete.
    case incomplete = 4
    /// The output cannot be written.
    case output = 5
}

/// An error that knows with which code a command ends that it stops.
public protocol ErrorWithExitStatus: Error {
    var exitStatus: ExitStatus { get }
    /// Whether nothing but a person's hand can change it.
    var needsPerson: Bool { get }
}

extension ErrorWithExitStatus {
    public var needsPerson: Bool { false }
}
