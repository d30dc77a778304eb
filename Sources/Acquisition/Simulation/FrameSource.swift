internal import Volume

/// What falls on a detector without gaps in one frame, in row-major order (slow, fast).
struct SourceFrame: Sendable {
    /// Photons that would be counted.
    var counts: [UInt32]
    /// Their expectations, where these are known.
    var expected: [Float]?
}

/// Gives the frames of a scan, each in turn.
protocol FrameSource: AnyObject {
    var shape: VolumeShape { get }
    /// True when frames come with expectations.
    var hasExpectations: Bool { get }
    func frame(_ index: Int) -> SourceFrame
}
