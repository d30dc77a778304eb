internal import Settings
package import WorkMessages

/// Ends the program with a message and one of its exit codes.
package struct CommandFailure: Error {
    package var code: ExitStatus
    package var message: String
    /// Whether nothing but a person's hand can change it.
    package var isFinal = false

    package init(_ code: ExitStatus, _ message: String) {
        self.code = code
        // The name of a file may hold a line break, and then would look like two messages.
        self.message = message.onOneLine
    }

    /// Puts any error of the libraries under its exit code.
    package init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as any ErrorWithExitStatus:
            self.init(failure.exitStatus, "\(failure)")
            isFinal = failure.needsPerson
        case let failure as SettingsError: self.init(.usage, failure.description)
        default: self.init(.internalFailure, "\(error)")
        }
    }
}
