public import Studies
public import WorkMessages

extension StudyError: ErrorWithExitStatus {
    public var exitStatus: ExitStatus {
        switch self {
        case .noWindow: .input
        case .gnuplotMissing: .usage
        case .figureFailed: .internalFailure
        case .notWritable: .output
        }
    }
}
