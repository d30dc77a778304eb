internal import Settings
package import WorkMessages

/// Ends the program with a message and the exit code of its cause.
package struct CommandFailure: CausedError {
    package var cause: FailureCause
    package var message: String

    package init(_ cause: FailureCause, _ message: String) {
        self.cause = cause
        // The name of a file may hold a line break, and then would look like two messages.
        self.message = message.onOneLine
    }

    /// Takes over the cause of any error of the libraries.
    package init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as any CausedError: self.init(failure.cause, "\(failure)")
        case let failure as SettingsError: self.init(.configuration, failure.description)
        default: self.init(.internalFailure, "\(error)")
        }
    }
}
