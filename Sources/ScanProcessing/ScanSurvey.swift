internal import Detectors
internal import Foundation
internal import Inpainting
internal import ScanFiles
internal import Volume
internal import WorkMessages

/// What a look at the whole of a scan tells before anything of it is filled.
struct ScanSurvey {
    private(set) var tally: VoxelTally
    let samples: ScanSamples

    /// - Parameters:
    ///   - mirrors: whether the Friedel mates are wanted.
    ///   - trains: whether parts for training are wanted.
    init<Count: OutputCount>(
        of frames: RecordedFrames<Count>, gaps: ScanGaps, settings: ProcessingSettings, mirrors: Bool,
        trains: Bool, progress: (WorkProgress) -> Void
    ) throws {
        var survey = SampleSurvey(
            mask: gaps.mask, shape: frames.shape, maximumWidth: settings.maxGapPixels, mirrors: mirrors, trains: trains)
        tally = VoxelTally(
            saturation: frames.saturation, unstatedFlags: UnstatedFlags(of: gaps),
            hasFrameMask: gaps.frameMask != nil)
        var pass = frames.pass()
        while let block = try pass.next() {
            tally.add(block, mask: gaps.mask)
            survey.add(block.frames, firstFrame: block.position.lowerBound)
            progress(WorkProgress(stage: "survey", done: block.position.upperBound, total: frames.shape.frames))
        }
        var collector = survey.collector
        pass = frames.pass { collector.wants($0) }
        while let block = try pass.next() { collector.add(block.frames, firstFrame: block.position.lowerBound) }
        samples = collector.samples
    }
}

/// Whether the enlarged pixels along a scan's seams are used as the sums that they hold.
struct ScanEdgePixels {
    let use: InpaintReport.EdgePixelUse
    /// The groups of pixels that were measured together, where they are used.
    let sums: SummedPixels?
    /// What it rests on, for people.
    let evidence: String?

    /// Frames of the scan that are looked at.
    private static let sampledFrames = 16

    /// - Parameter filler: not all ways of filling can use sums.
    init(of gaps: ScanGaps, filler: any GapFiller, reader: FrameReader) throws {
        guard let edges = gaps.recognition?.edgePixels else {
            // Told to mask them, or nothing is known of them.
            let isKnown = gaps.detector?.edgePixels != nil
            (use, sums, evidence) = (isKnown ? .masked : .absent, nil, nil)
            return
        }
        guard filler.usesSums else {
            (use, sums, evidence) = (.masked, nil, nil)
            return
        }
        var check = EdgePixelCheck(edges, mask: gaps.mask)
        let frames = reader.shape.frames
        for frame in stride(from: 0, to: frames, by: max(1, frames / Self.sampledFrames)) {
            var decoded = try reader.read(frames: frame..<frame + 1).decode(flagValues: gaps.flagValues)
            check.add(decoded.takeVoxels()[...])
        }
        let ratio = check.ratio.map { String(format: "%.2f times their neighbours", $0) } ?? "too few counts to tell"
        guard check.holdsSums else {
            (use, sums) = (.masked, nil)
            evidence = "edge pixels masked: they do not hold sums of \(edges.factor) (\(ratio))"
            return
        }
        use = .used
        sums = SummedPixels(
            edges, frame: reader.shape.frame, unusable: gaps.recognition?.badMask ?? PixelMask(shape: gaps.mask.shape))
        evidence = "edge pixels used as sums of \(edges.factor) (\(ratio))"
    }
}

/// A valid count that `Float` would round.
struct CountsNeedDouble: Error {}

/// The number type of the output: what was measured is written as it was recorded.
protocol OutputCount: BinaryFloatingPoint & BitwiseCopyable & Sendable {
    static var elementType: ElementType { get }
    /// What a voxel takes in memory, decoded for filling and as recorded.
    static var bytesPerVoxel: Int { get }
    /// The error for a file with a measured count that this type cannot hold exactly.
    static func inexact(in path: String) -> any Error
    /// The recorded counts, where they cannot be taken from the frames as decoded for filling.
    static func counts(of raw: RawFrames, flagValues: [Int128]) -> DecodedFrames<Self>?
    /// The recorded counts of a block, where they differ from what fillers are given.
    static func recorded(
        _ decoded: DecodedFrames<Float>, _ counts: DecodedFrames<Self>?, isChanged: Bool
    ) -> DecodedFrames<Self>?
    /// True when every measured count can be written exactly.
    static func holds(_ decoded: DecodedFrames<Float>, _ counts: DecodedFrames<Self>?) -> Bool
}

extension Float: OutputCount {
    static var elementType: ElementType { .float32 }
    static var bytesPerVoxel: Int { 4 }
    static func inexact(in path: String) -> any Error { CountsNeedDouble() }
    static func counts(of raw: RawFrames, flagValues: [Int128]) -> DecodedFrames<Float>? { nil }
    static func holds(_ decoded: DecodedFrames<Float>, _: DecodedFrames<Float>?) -> Bool { decoded.isExact }
    static func recorded(
        _ decoded: DecodedFrames<Float>, _: DecodedFrames<Float>?, isChanged: Bool
    ) -> DecodedFrames<Float>? { isChanged ? decoded : nil }
}

extension Double: OutputCount {
    static var elementType: ElementType { .float64 }
    static var bytesPerVoxel: Int { 4 + 8 + 1 }
    static func inexact(in path: String) -> any Error {
        ScanFileError(path: path, problem: "holds counts above 2^53, which cannot be written without rounding")
    }
    static func counts(of raw: RawFrames, flagValues: [Int128]) -> DecodedFrames<Double>? {
        raw.decodeDouble(flagValues: flagValues)
    }
    static func holds(_: DecodedFrames<Float>, _ counts: DecodedFrames<Double>?) -> Bool { counts?.isExact ?? false }
    static func recorded(
        _: DecodedFrames<Float>, _ counts: DecodedFrames<Double>?, isChanged: Bool
    ) -> DecodedFrames<Double>? { counts }
}

extension OutputCount {
    /// The filled block with its measured voxels as recorded.
    ///
    /// - Parameter photon: the recorded value of one photon.
    static func output(_ filled: FrameBlock, counts: DecodedFrames<Self>?, photon: Double) -> Volume<Self> {
        guard let counts else {
            // Without a copy where the type is the same.
            return filled.data as? Volume<Self>
                ?? Volume(shape: filled.data.shape, storage: filled.data.storage.map { Self($0) })
        }
        var volume = Volume(shape: filled.data.shape, storage: counts.voxels)
        for (frame, plan) in filled.plans.enumerated() {
            let base = frame * volume.shape.frame.count
            for (pixel, isFilled) in plan.fillable.storage.enumerated() where isFilled {
                volume.storage[base + pixel] = Self(filled.data.storage[base + pixel]) * Self(photon)
            }
        }
        return volume
    }
}
