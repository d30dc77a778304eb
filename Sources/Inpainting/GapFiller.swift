public import Detectors
public import Volume

/// Estimates the voxels that a detector could not measure.
///
/// Every estimator, from linear interpolation to a network, stands behind this protocol, and so the pipeline, the
/// self-check and the studies treat them alike.
public protocol GapFiller: Sendable {
    var method: FillMethod { get }

    /// Replaces the fillable voxels, and their errors where it can tell them; every other voxel stays as it is.
    func fill(_ block: inout FrameBlock)
}

/// Some successive frames of a scan with what is known about their gaps, (frame, slow = row, fast = column).
public struct FrameBlock: Sendable {
    /// Counts; finite and not negative.
    public var data: Volume<Float>
    /// Standard uncertainty of each voxel in counts; `nil` unless a filler states it.
    public var errors: Volume<Float>?
    /// One plan for each frame; frames with the same mask share one object.
    public var plans: [GapPlan]

    public init(data: Volume<Float>, plans: [GapPlan]) {
        precondition(plans.count == data.shape.frames, "\(plans.count) plans for \(data.shape.frames) frames")
        self.data = data
        self.plans = plans
    }
}
