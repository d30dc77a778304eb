internal import Detectors
internal import Foundation
internal import Inpainting
public import ScanFiles
internal import Volume

/// Some frames of a scan as they were recorded.
private struct RecordedBlock<Count: OutputCount> {
    var frames: FrameBlock
    /// The recorded counts, where they cannot be taken from the frames as decoded for filling.
    var counts: DecodedFrames<Count>?
}

/// Inpaints one scan: reads it block by block, fills the gaps, measures how well, and writes the output file.
///
/// The same code serves the daemon and `lacuna inpaint`. Memory stays bounded by the block, whatever the scan's length.
public struct ScanInpainter: Sendable {
    let scan: Scan
    let stack: FrameStack
    let gaps: ScanGaps
    let filler: any GapFiller
    let settings: ProcessingSettings
    let output: String
    let version: String

    /// - Parameters:
    ///   - scan: a scan that can be read.
    ///   - settings: how it is to be processed, the overrides of its detector included.
    ///   - version: of this program, for the record.
    /// - Throws: ``ScanFileError`` when the scan is not complete or has no frames; ``WorkerFailure`` when its gaps cannot
    ///   be filled as asked.
    public init(scan: Scan, gaps: ScanGaps, settings: ProcessingSettings, output: String, version: String) throws {
        if let problem = scan.problem { throw problem }
        guard let stack = scan.stack else {
            throw ScanFileError(path: scan.input, dataset: scan.entry, problem: "holds no stack of images")
        }
        guard let filler = settings.method.filler() else {
            throw WorkerFailure(code: 2, message: "the method \(settings.method.rawValue) is not in this version")
        }
        let completeness = scan.completeness
        if completeness.state == .aborted, completeness.framesWritten < ScanAssessment.fewestFrames {
            throw ScanFileError(
                path: scan.input, dataset: scan.entry,
                problem: "aborted after \(completeness.frames); at least \(ScanAssessment.fewestFrames) are needed")
        }
        if stack.sources.contains(where: { $0.isFile(at: output) }) {
            throw ScanFileError(.output, path: output, problem: "is the raw data, which is never replaced")
        }
        self.scan = scan
        self.stack = stack
        self.gaps = gaps
        self.filler = filler
        self.settings = settings
        self.output = output
        self.version = version
    }

    /// Does the work.
    ///
    /// - Throws: ``ScanFileError``; nothing is left under the output's name or beside it then.
    public func run(progress: (WorkProgress) -> Void) throws -> InpaintReport {
        do {
            return try run(as: Float.self, progress: progress)
        } catch is CountsNeedDouble {
            return try run(as: Double.self, progress: progress)
        }
    }

    private func run<Count: OutputCount>(as _: Count.Type, progress: (WorkProgress) -> Void) throws -> InpaintReport {
        let clock = ContinuousClock()
        let start = clock.now
        var seconds = InpaintReport.Seconds()

        let reader = try FrameReader(scan)
        let blocks = Self.blocks(of: reader.shape, memoryLimitMiB: settings.memoryLimitMiB)
        let flagValues = gaps.flagValues
        let input = Prefetch(count: blocks.count) { index in
            var read = 0.0
            let block = try clock.add(to: &read) { () throws in
                let raw = try reader.read(frames: blocks[index])
                let counts = Count.counts(of: raw, flagValues: flagValues)
                return (decoded: raw.decode(flagValues: flagValues), counts: counts)
            }
            return (block, read)
        }

        let edgePixels = try clock.add(to: &seconds.mask) {
            try ScanEdgePixels(of: gaps, filler: filler, reader: reader)
        }
        var plans = try clock.add(to: &seconds.mask) {
            try FramePlans(gaps, maximumWidth: settings.maxGapPixels, sums: edgePixels.sums)
        }
        var check = SelfCheck(filler: filler, plan: plans.common, bands: gaps.mask.bands, settings: settings)
        let writer = try InpaintedFileWriter(
            path: output, header: header(shape: reader.shape, type: Count.elementType), threads: settings.threads)
        var tally = VoxelTally(saturation: scan.detector.saturationValue ?? gaps.detector?.saturation)

        func take(_ index: Int) throws -> RecordedBlock<Count>? {
            guard index < blocks.count else { return nil }
            var (block, read) = try input.take(index)
            seconds.read += read
            if !Count.holds(block.decoded, block.counts) { throw Count.inexact(in: scan.input) }
            let framePlans = try clock.add(to: &seconds.mask) { try plans.plans(for: block.decoded) }
            tally.add(block.decoded, plans: framePlans)
            let shape = VolumeShape(frames: block.decoded.frames.count, frame: reader.shape.frame)
            return RecordedBlock(
                frames: FrameBlock(data: Volume(shape: shape, storage: block.decoded.takeVoxels()), plans: framePlans),
                counts: block.counts)
        }

        // The block in work stands between its neighbours, from which the filler may want frames.
        var before: FrameBlock?
        var current = try take(0)
        for (index, frames) in blocks.enumerated() {
            guard let block = current else { break }
            let after = try take(index + 1)
            let filled = clock.add(to: &seconds.inpaint) {
                check.add(block.frames, firstFrame: frames.lowerBound)
                var filled = block.frames.withContext(filler.contextFrames, before: before, after: after?.frames)
                filler.fill(&filled)
                return filled.withoutContext
            }
            before = block.frames
            current = after
            try clock.add(to: &seconds.write) {
                try writer.append(
                    Count.output(filled, counts: block.counts), errors: filled.errors.map { .given($0) } ?? .poisson,
                    masks: .perFrame(filled.plans.map { FrameMasks(inpainted: $0.fillable, unusable: $0.unfillable) }))
            }
            progress(WorkProgress(stage: "inpaint", done: frames.upperBound, total: reader.shape.frames))
        }
        try reader.verifyUnchanged()
        guard tally.masked < reader.shape.count else {
            throw ScanFileError(
                path: scan.input, dataset: stack.dataset,
                problem: "nothing was measured: all \(tally.masked) voxels are masked, flagged, negative or no number")
        }

        let quality = check.quality(of: filler.method)
        try clock.add(to: &seconds.write) {
            try writer.finish(process(quality: quality, edgePixels: edgePixels))
            if settings.preview { try writePreview(quality: quality) }
        }
        seconds.total = clock.seconds(since: start)
        return InpaintReport(
            input: scan.input, scan: scan.number, dataset: stack.dataset, detector: gaps.detector?.name,
            shape: reader.shape.extents, dtype: stack.elementType.rawValue, maskedVoxels: tally.masked,
            filledVoxels: tally.filled, unfilledVoxels: tally.masked - tally.filled, method: filler.method.rawValue,
            model: nil, fineTuned: false, quality: quality, seconds: seconds, peakMemoryBytes: peakMemoryBytes(),
            output: output,
            remarks: remarks + tally.remarks + writer.remarks + (edgePixels.evidence.map { [$0] } ?? []),
            edgePixels: edgePixels.use)
    }

    /// The frames that are worked on together: a power of two, so that the self-check's groups stay whole.
    private static func blocks(of shape: VolumeShape, memoryLimitMiB: Int) -> [Range<Int>] {
        // A voxel takes about 48 bytes: three blocks as read, decoded and filled, their errors, and their masks.
        let voxels = min(16 << 20, memoryLimitMiB << 20 / 2 / 48)
        let fitting = max(1, min(SelfCheck.windowLength, voxels / shape.frame.count))
        let count = 1 << (Int.bitWidth - 1 - fitting.leadingZeroBitCount)
        return stride(from: 0, to: shape.frames, by: count).map { $0..<min($0 + count, shape.frames) }
    }
}
