internal import Volume

/// What an inspection of a stack found out without reading a value.
struct StackFinding {
    /// `nil` when not even the shape is known.
    var stack: FrameStack?
    /// Frames that cannot be read, in order.
    var faults: [FrameFault] = []
    /// Why nothing at all can be read.
    var problem: ScanFileError?

    /// The number of frames before the first that cannot be read.
    var leadingFrames: Int { faults.first?.frames.lowerBound ?? stack?.shape.frames ?? 0 }

    /// True when not one of the files with the frames is there.
    var isMissing: Bool {
        stack != nil && leadingFrames == 0 && endsWithFaults && faults.allSatisfy { $0.kind == .missing }
    }

    /// True when no readable frame follows the first that cannot be read.
    var endsWithFaults: Bool {
        guard let stack, var end = faults.first?.frames.lowerBound else { return true }
        for fault in faults where fault.frames.lowerBound <= end { end = max(end, fault.frames.upperBound) }
        return end >= stack.shape.frames
    }
}
