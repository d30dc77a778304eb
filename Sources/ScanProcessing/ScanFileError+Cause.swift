public import ScanFiles
public import WorkMessages

extension ScanFileError: CausedError {
    public var cause: FailureCause {
        switch kind {
        case .input, .noScan: .input
        case .incomplete: .incomplete
        case .output: .outputRefused
        case .outputFull: .outputFull
        case .occupied: .outputOccupied
        }
    }
}
