import Beamline
import ScanFiles
import Settings
import Studies

/// Ends the program with a message and one of its exit codes.
struct CommandFailure: Error {
    enum Code: Int32 {
        case internalFailure = 1
        case usage = 2
        case input = 3
        case incomplete = 4
        case output = 5
    }

    var code: Code
    var message: String
    /// Whether nothing but a person's hand can change it.
    var isFinal = false

    init(_ code: Code, _ message: String) {
        self.code = code
        // The name of a file may hold a line break, and then would look like two messages.
        self.message = message.onOneLine
    }

    /// Puts any error of the libraries under its exit code.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as WorkerFailure:
            self.init(Code(rawValue: failure.code) ?? .internalFailure, failure.message)
            isFinal = failure.isFinal ?? false
        case let failure as ScanFileError:
            switch failure.kind {
            case .input: self.init(.input, failure.description)
            case .incomplete: self.init(.incomplete, failure.description)
            case .output: self.init(.output, failure.description)
            case .occupied:
                self.init(.output, failure.description)
                isFinal = true
            }
        case let failure as StudyError:
            switch failure {
            case .noWindow: self.init(.input, failure.description)
            case .gnuplotMissing: self.init(.usage, failure.description)
            case .figureFailed: self.init(.internalFailure, failure.description)
            case .notWritable: self.init(.output, failure.description)
            }
        case let failure as SettingsError: self.init(.usage, failure.description)
        case let failure as BeamlineError:
            self.init(Code(rawValue: failure.exitCode) ?? .internalFailure, failure.description)
        default: self.init(.internalFailure, "\(error)")
        }
    }
}
