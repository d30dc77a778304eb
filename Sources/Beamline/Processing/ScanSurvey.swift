internal import Detectors
internal import Inpainting
internal import ScanFiles
internal import Volume

/// What a look at the whole of a scan tells before anything of it is filled.
struct ScanSurvey {
    /// How many gaps are hidden for the self-check.
    private static let hiddenGaps = 12...48
    /// Voxels hidden for each one that is filled, so that the check of a small scan costs no more than the filling.
    private static let hiddenShare = 0.5
    /// Most parts that a network is shown.
    private static let mostCrops = 64
    /// The same scan gives the same draw.
    private static let seed: UInt64 = 0

    private(set) var tally: VoxelTally
    let check: SelfCheck
    /// The other side of the Bragg peak; `nil` where it tells nothing, or nobody wants to know.
    let mirror: BraggMirror?
    /// Gap-free parts of the scan that share no voxel with the self-check.
    let training: [GapFreePart]

    /// - Parameters:
    ///   - mirrors: whether the other side of the Bragg peak is wanted.
    ///   - trains: whether parts for training are wanted.
    ///   - saturation: counts from which on a measured value cannot be trusted.
    init<Count: OutputCount>(
        of frames: RecordedFrames<Count>, gaps: ScanGaps, settings: ProcessingSettings, mirrors: Bool,
        trains: Bool, saturation: Double?, progress: (WorkProgress) -> Void
    ) throws {
        let bands = gaps.mask.bands
        var signal = SignalSurvey(
            mask: gaps.mask, bands: bands, frames: frames.shape.frames, maximumWidth: settings.maxGapPixels)
        var parts = trains ? TrainingSurvey(mask: gaps.mask, bands: bands, shape: frames.shape) : nil
        var peak = mirrors ? PeakSurvey() : nil
        tally = VoxelTally(saturation: saturation)
        var pass = frames.pass()
        while let block = try pass.next() {
            tally.add(block.frames)
            signal.add(block.frames.data, firstFrame: block.position.lowerBound)
            parts?.add(block.frames.data, firstFrame: block.position.lowerBound)
            peak?.add(block.frames, firstFrame: block.position.lowerBound)
            progress(WorkProgress(stage: "survey", done: block.position.upperBound, total: frames.shape.frames))
        }

        let hidden = signal.draw(
            Self.hiddenGaps, hiding: Int(Self.hiddenShare * Double(tally.filled)), seed: Self.seed)
        let boxes = hidden.map(\.box)
        let crops = parts?.draw(atMost: Self.mostCrops, apartFrom: boxes, seed: Self.seed) ?? []
        let around = peak?.box(within: frames.shape).map { [$0] } ?? []
        var collector = BoxCollector(boxes + crops + around, maximumWidth: settings.maxGapPixels)
        pass = frames.pass { collector.wants($0) }
        while let block = try pass.next() { collector.add(block.frames, firstFrame: block.position.lowerBound) }
        let blocks = collector.blocks
        if let box = around.first, let block = blocks.last, let peak = peak?.peak {
            mirror = BraggMirror(block, box: box, peak: peak)
        } else {
            mirror = nil
        }
        check = SelfCheck(
            hidden, crops: Array(blocks.prefix(hidden.count)), mirror: mirror, maximumWidth: settings.maxGapPixels)
        let secrets = hidden.map(\.hidden)
        training = zip(crops, blocks[hidden.count...]).filter { $1.isGapFree }.map { [mirror] box, block in
            GapFreePart(box: box, counts: block.data, mirror: mirror, hidden: secrets)
        }
    }
}

extension FrameBlock {
    /// Whether every voxel was measured: some frames may lack more than the others.
    fileprivate var isGapFree: Bool { plans.allSatisfy { !$0.mask.storage.contains(true) } }
}
