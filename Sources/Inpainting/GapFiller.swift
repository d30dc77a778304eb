public import Detectors
public import Volume

/// Estimates the voxels that a detector could not measure.
///
/// Every estimator, from linear interpolation to a network, stands behind this protocol, and so the pipeline, the
/// self-check and the studies treat them alike.
public protocol GapFiller: Sendable {
    var method: FillMethod { get }

    /// Frames before and after a block that the estimates of the block take into account.
    var contextFrames: Int { get }

    /// Replaces the fillable voxels of `block.core`, and their errors where it can tell them; every other voxel stays
    /// as it is.
    func fill(_ block: inout FrameBlock)
}

/// Some successive frames of a scan with what is known about their gaps, (frame, slow = row, fast = column).
public struct FrameBlock: Sendable {
    /// Counts. Voxels that no plan fills must be finite where their mask says that they were measured.
    public var data: Volume<Float>
    /// Standard uncertainty of each voxel in counts; `nil` unless a filler states it.
    public var errors: Volume<Float>?
    /// One plan for each frame; frames with the same mask share one object.
    public var plans: [GapPlan]
    /// The frames to fill; those around it are context.
    public var core: Range<Int>

    public init(data: Volume<Float>, plans: [GapPlan], core: Range<Int>? = nil) {
        precondition(plans.count == data.shape.frames, "\(plans.count) plans for \(data.shape.frames) frames")
        self.data = data
        self.plans = plans
        self.core = core ?? 0..<data.shape.frames
    }
}
