public import ScanFiles
public import WorkMessages

extension ScanFileError: ErrorWithExitStatus {
    public var exitStatus: ExitStatus {
        switch kind {
        case .input: .input
        case .incomplete: .incomplete
        case .output, .occupied: .output
        }
    }

    public var needsPerson: Bool { kind == .occupied }
}
