public import Volume
public import WorkMessages

/// Estimates the voxels that a detector could not measure.
///
/// Every estimator, from linear interpolation to a network, stands behind this protocol, and so the pipeline, the
/// self-check and the studies treat them alike.
public protocol GapFiller: Sendable {
    /// How many frames before and after those to be filled improve the estimate; 0 unless a filler says otherwise.
    var contextFrames: Int { get }

    /// Whether it keeps the counts that voxels were measured to hold together; `false` unless a filler says otherwise.
    var usesSums: Bool { get }

    /// Why something was left otherwise than this filler promises, e.g. kriged without the network; `nil` unless it was.
    var failure: (any Error)? { get }

    /// Replaces the fillable voxels of `block.frames`, and their errors where it can tell them; every measured voxel
    /// stays as it is. What the gaps of the context hold afterwards means nothing.
    func fill(_ block: inout FrameBlock)
}

/// An estimator that scans are filled with, rather than one to compare it with.
public protocol ScanFiller: GapFiller {
    /// What configurations and output files call it.
    var method: FillMethod { get }
}

extension GapFiller {
    public var contextFrames: Int { 0 }
    public var usesSums: Bool { false }
    public var failure: (any Error)? { nil }
}

/// Some successive frames of a scan with what is known about their gaps, (frame, slow = row, fast = column).
public struct FrameBlock: Sendable {
    /// Counts; finite and not negative.
    public var data: Volume<Float>
    /// Standard uncertainty of each voxel of ``frames`` in counts, (frame, row, column) counted from the first of these;
    /// `nil` unless a filler states it.
    public var errors: Volume<Float>?
    /// The other side of the Bragg peak, as seen from here; `nil` where that is not known or tells nothing.
    public var mirror: BraggMirror?
    /// One plan for each frame; frames with the same mask share one object.
    public var plans: [GapPlan]
    /// The frames that are to be filled; those before and after are context.
    public let frames: Range<Int>

    /// - Parameter frames: those that are to be filled; all of them by default.
    public init(data: Volume<Float>, plans: [GapPlan], frames: Range<Int>? = nil) {
        let frames = frames ?? 0..<data.shape.frames
        precondition(plans.count == data.shape.frames, "\(plans.count) plans for \(data.shape.frames) frames")
        precondition(
            frames.lowerBound >= 0 && frames.upperBound <= data.shape.frames,
            "frames \(frames) of \(data.shape.frames) to be filled")
        self.data = data
        self.plans = plans
        self.frames = frames
    }
}
