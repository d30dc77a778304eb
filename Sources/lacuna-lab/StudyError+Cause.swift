public import Studies
public import WorkMessages

extension StudyError: CausedError {
    public var cause: FailureCause {
        switch self {
        case .noWindow: .input
        case .gnuplotMissing: .configuration
        case .figureFailed, .trainingFailed: .internalFailure
        case .notWritable: .outputRefused
        }
    }
}
