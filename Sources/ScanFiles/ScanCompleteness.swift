internal import Volume

/// Whether a scan has ended and how much of it was written.
public struct ScanCompleteness: Sendable, Equatable {
    public enum State: String, Sendable, Codable {
        /// An end marker stands and every frame asked for was written.
        case complete
        /// An end marker stands, but fewer frames were written than were asked for.
        case aborted
        /// An end marker is due and does not stand yet.
        case running
        /// The layout knows no end marker; only quiet time can tell.
        case unmarked
    }

    public var state = State.unmarked
    /// Frames from the first on, without a hole; these can be read.
    public var framesWritten = 0
    /// Frames that the scan asked for; `nil` when nothing tells.
    public var framesExpected: Int?
    /// The markers and counts that led to `state`, as readable text.
    public var evidence: [String] = []

    /// True when nothing marks the end and fewer frames are there than were asked for: the scan runs, or was aborted.
    public var isOpenAndShort: Bool { state == .unmarked && framesWritten < framesExpected ?? 0 }

    public init() {}
}

/// What a layout knows about the end of a scan.
enum EndMarker: Equatable {
    /// The layout has no such thing.
    case unknown
    /// It is due, and this is what is lacking.
    case absent(String)
    /// It stands; `succeeded` is `nil` where the layout does not say how the scan ended.
    case present(succeeded: Bool?)
}

extension Scan {
    /// Draws the conclusion from the end marker, the frames asked for and the frames that can be read.
    ///
    /// - Parameter isAsked: whether `expected` is what the detector was asked for, so that a scan without an end marker may
    ///   still lack its last frames.
    mutating func judge(_ finding: StackFinding, marker: EndMarker, expected: Int?, isAsked: Bool = false) {
        stack = finding.stack
        let written = finding.problem == nil ? finding.leadingFrames : 0
        let target = expected ?? finding.stack?.shape.frames
        completeness.framesWritten = written
        completeness.framesExpected = target
        if let target, finding.stack != nil { completeness.evidence.append("\(written) of \(target) frames written") }

        let fault = finding.faults.first
        switch marker {
        case .unknown:
            completeness.state = .unmarked
            if isAsked, finding.endsEarly {
                if written == 0 { problem = fault?.error.with(.incomplete) }
            } else {
                problem = fault.map { $0.kind == .unwritten ? $0.error.with(.incomplete) : $0.error }
            }
        case .absent(let lack):
            completeness.state = .running
            problem = ScanFileError(.incomplete, path: input, dataset: entry, problem: "has not ended: \(lack)")
            return
        case .present(let succeeded):
            let isShort = finding.stack == nil ? succeeded == false : written < target ?? 0
            completeness.state = isShort ? .aborted : .complete
            if let fault, completeness.state == .aborted {
                let isLoss = !finding.endsWithFaults || written == 0 || !fault.isExpected(succeeded: succeeded)
                problem = isLoss ? fault.error : nil
            }
        }
        problem = finding.problem ?? problem
    }
}

extension StackFinding {
    /// True when all that cannot be read are frames at the end that were not recorded yet, or never.
    fileprivate var endsEarly: Bool {
        !faults.isEmpty && endsWithFaults && faults.allSatisfy { $0.kind != .unreadable }
    }
}

extension ScanFileError {
    fileprivate func with(_ kind: Kind) -> ScanFileError {
        var error = self
        error.kind = kind
        return error
    }
}

extension FrameFault {
    /// True when a scan that ended that way may well lack these frames at its end.
    fileprivate func isExpected(succeeded: Bool?) -> Bool {
        switch kind {
        case .unreadable: false
        case .unwritten, .short: succeeded != true
        case .missing: succeeded == false
        }
    }
}
