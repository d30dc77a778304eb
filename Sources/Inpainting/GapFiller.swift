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
    /// The Friedel mates, as seen from here; `nil` where they are not known or tell nothing.
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

extension FillMethod {
    /// The estimator behind the method.
    ///
    /// - Parameters:
    ///   - quality: how much time a network may take.
    ///   - model: the network; without one, `network` comes down to kriging.
    public func filler(quality: FillQuality = .standard, model: (any FillerModel)? = nil) -> any ScanFiller {
        switch self {
        case .linear, .cubic, .nearest: Interpolation(self)
        case .kriging: Kriging()
        case .network: model?.filler(quality: quality) ?? Kriging()
        }
    }

    /// Whether the method is worth a comparison with kriging on each scan.
    public var isInterpolation: Bool { self != .network && self != .kriging }
}

/// A trained network, from which fillers are made.
public protocol FillerModel: Sendable {
    /// The name it was given when it was trained.
    var name: String { get }

    func filler(quality: FillQuality) -> any ScanFiller
}

/// A filler that corrects what kriging makes of a block.
public protocol KrigingCorrector: ScanFiller {
    /// Fills the block.
    ///
    /// - Returns: the block as kriging alone fills it.
    func fillAndKrige(_ block: inout FrameBlock) -> FrameBlock
}

/// A filler that learns from the very scan that it is to fill.
public protocol TrainableFiller: ScanFiller {
    /// A copy of this filler that has learnt from parts of a scan; `nil` where there is nothing to learn from them.
    ///
    /// - Parameters:
    ///   - parts: of the scan; the first ones are the most telling.
    ///   - gapWidths: of the gaps that are to be filled, in pixels.
    ///   - steps: of learning.
    ///   - goesOn: asked half-way, of what was learnt by then, whether there is any use in the rest.
    ///   - progress: told how many of how many steps are done.
    /// - Throws: where it cannot be trained, e.g. for want of memory.
    func fineTuned(
        on parts: [GapFreePart], gapWidths: [Int], steps: Int, goesOn: (any ScanFiller) -> Bool,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> (any ScanFiller)?
}

extension FrameBlock {
    /// These frames with the last frames of the block before and the first ones of the block after around them.
    ///
    /// - Parameter count: how many frames on each side; fewer where a neighbour is shorter or missing.
    /// - Precondition: neither block has context yet, all have frames of one shape.
    public func withContext(_ count: Int, before: FrameBlock?, after: FrameBlock?) -> FrameBlock {
        let earlier = before?.frames.suffix(count) ?? 0..<0
        let later = after?.frames.prefix(count) ?? 0..<0
        if earlier.isEmpty && later.isEmpty { return self }
        var joined: (voxels: [Float], plans: [GapPlan]) = ([], [])
        joined.voxels.reserveCapacity((earlier.count + frames.count + later.count) * data.shape.frame.count)
        for (block, frames) in [(before, earlier), (self, frames), (after, later)] {
            guard let block else { continue }
            joined.voxels += block.data.storage[block.data.range(ofFrames: frames)]
            joined.plans += block.plans[frames]
        }
        return FrameBlock(
            data: Volume(
                shape: VolumeShape(frames: joined.plans.count, frame: data.shape.frame), storage: joined.voxels),
            plans: joined.plans, frames: earlier.count..<earlier.count + frames.count)
    }

    /// The last frames.
    public func suffix(_ count: Int) -> FrameBlock {
        part(plans.indices.suffix(count))
    }

    /// Only the frames that are to be filled.
    public var withoutContext: FrameBlock {
        if frames.count == data.shape.frames { return self }
        var block = part(frames)
        block.errors = errors
        return block
    }

    /// Some of the frames, without errors and mirror.
    private func part(_ frames: Range<Int>) -> FrameBlock {
        FrameBlock(
            data: Volume(
                shape: VolumeShape(frames: frames.count, frame: data.shape.frame),
                storage: Array(data.storage[data.range(ofFrames: frames)])),
            plans: Array(plans[frames]))
    }
}
