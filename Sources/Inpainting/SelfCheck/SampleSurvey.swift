internal import Detectors
public import Volume

/// Finds, while a scan passes by for the first time, the parts of it from which more can be learnt.
public struct SampleSurvey: Sendable {
    /// How many gaps are hidden for the self-check.
    private static let hiddenGaps = 12...48
    /// Voxels hidden for each one that is filled, so that the check of a small scan costs no more than the filling.
    private static let hiddenShare = 0.5
    /// Most parts that a network is shown.
    private static let mostParts = 64
    /// The same scan gives the same draw.
    private static let seed: UInt64 = 0

    private let shape: VolumeShape
    private let maximumWidth: Int
    private var signal: SignalSurvey
    private var training: TrainingSurvey?
    private var peak: PeakSurvey?
    private var filled = 0

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - shape: of the scan.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    ///   - mirrors: whether the other side of the Bragg peak is wanted.
    ///   - trains: whether parts for training are wanted.
    public init(mask: PixelMask, shape: VolumeShape, maximumWidth: Int, mirrors: Bool, trains: Bool) {
        let bands = mask.bands
        self.shape = shape
        self.maximumWidth = maximumWidth
        signal = SignalSurvey(mask: mask, bands: bands, frames: shape.frames, maximumWidth: maximumWidth)
        training = trains ? TrainingSurvey(mask: mask, bands: bands, shape: shape) : nil
        peak = mirrors ? PeakSurvey() : nil
    }

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) {
        signal.add(block.data, firstFrame: firstFrame)
        training?.add(block.data, firstFrame: firstFrame)
        peak?.add(block, firstFrame: firstFrame)
        filled += block.plans.reduce(0) { $0 + $1.fillableCount }
    }

    /// What takes these parts out of the scan when it passes by again.
    public var collector: SampleCollector {
        let hidden = signal.draw(Self.hiddenGaps, hiding: Int(Self.hiddenShare * Double(filled)), seed: Self.seed)
        let parts = training?.draw(atMost: Self.mostParts, apartFrom: hidden.map(\.box), seed: Self.seed) ?? []
        return SampleCollector(
            hidden: hidden, parts: parts, peak: peak?.peak, around: peak?.box(within: shape),
            maximumWidth: maximumWidth)
    }
}

/// Takes samples out of a scan while it passes by.
public struct SampleCollector: Sendable {
    private let hidden: [HiddenGap]
    private let parts: [VoxelBox]
    private let peak: [Int]?
    private let around: VoxelBox?
    private let maximumWidth: Int
    private var boxes: BoxCollector

    fileprivate init(hidden: [HiddenGap], parts: [VoxelBox], peak: [Int]?, around: VoxelBox?, maximumWidth: Int) {
        self.hidden = hidden
        self.parts = parts
        self.peak = peak
        self.around = around
        self.maximumWidth = maximumWidth
        boxes = BoxCollector(
            hidden.map(\.box) + parts + (around.map { [$0] } ?? []), maximumWidth: maximumWidth)
    }

    /// Whether these frames of the scan are to be added.
    public func wants(_ frames: Range<Int>) -> Bool { boxes.wants(frames) }

    /// Takes what it wants of some frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) { boxes.add(block, firstFrame: firstFrame) }

    /// What was taken.
    ///
    /// - Precondition: all frames that it wants were added.
    public var samples: ScanSamples {
        let blocks = boxes.blocks
        var mirror: BraggMirror?
        if let around, let peak, let block = blocks.last { mirror = BraggMirror(block, box: around, peak: peak) }
        let secrets = hidden.map(\.hidden)
        return ScanSamples(
            check: SelfCheck(
                hidden, crops: Array(blocks.prefix(hidden.count)), mirror: mirror, maximumWidth: maximumWidth),
            mirror: mirror,
            training: zip(parts, blocks[hidden.count...]).filter { $1.isGapFree }.map { box, block in
                GapFreePart(box: box, counts: block.data, mirror: mirror, hidden: secrets)
            })
    }
}

/// Parts of a scan from which one learns how well its gaps can be filled, and how to fill them better.
public struct ScanSamples: Sendable {
    public let check: SelfCheck
    /// The other side of the Bragg peak; `nil` where it tells nothing, or nobody wants to know.
    public let mirror: BraggMirror?
    /// Gap-free parts of the scan that share no voxel with the self-check.
    public let training: [GapFreePart]
}

extension FrameBlock {
    /// Whether every voxel was measured: some frames may lack more than the others.
    fileprivate var isGapFree: Bool { plans.allSatisfy { !$0.mask.storage.contains(true) } }
}
