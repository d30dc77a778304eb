/// Why a study cannot be made.
public enum StudyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The scan has no place for any window that a study asks for.
    case noWindow(source: String, reason: String)
    /// gnuplot is not installed.
    case gnuplotMissing
    /// gnuplot could not draw a figure.
    case figureFailed(path: String, message: String)
    /// The network cannot be trained on this machine.
    case trainingFailed(String)
    /// A table or a figure cannot be written.
    case notWritable(path: String, problem: String)

    public var description: String {
        switch self {
        case .noWindow(let source, let reason): "\(source): no window can be scored: \(reason)"
        case .gnuplotMissing: "gnuplot draws the figures and is not installed: apt-get install gnuplot-nox"
        case .figureFailed(let path, let message): "\(path): gnuplot failed: \(message)"
        case .trainingFailed(let reason): "the network cannot be trained: \(reason)"
        case .notWritable(let path, let problem): "\(path): cannot be written: \(problem)"
        }
    }
}
