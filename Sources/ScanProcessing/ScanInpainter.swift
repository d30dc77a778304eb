internal import Conventions
internal import Detectors
public import Foundation
internal import Inpainting
public import ScanFiles
internal import Volume
public import WorkMessages

/// Inpaints one scan: looks through it, measures how well its gaps can be filled, fills them block by block, and writes
/// the output file.
///
/// The same code serves the daemon and `lacuna inpaint`. Memory stays bounded, whatever the scan's length.
public struct ScanInpainter: Sendable {
    let scan: Scan
    let stack: FrameStack
    private(set) var gaps: ScanGaps
    let asked: PreparedFiller
    let settings: ProcessingSettings
    let output: String
    let requester: OutputRequester
    let claim: OutputClaim
    let version: String
    /// How the output's voxels are stored.
    public var compression = OutputCompression.gzip
    /// When it is done: now, or what the variable SOURCE_DATE_EPOCH says, so that two runs give the same bytes.
    public var date = {
        let given = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap(Double.init)
        return given.map(Date.init(timeIntervalSince1970:)) ?? Date()
    }()

    /// - Parameters:
    ///   - scan: a scan that can be read.
    ///   - settings: how it is to be processed, the overrides of its detector included.
    ///   - fillers: where the filler comes from.
    ///   - requester: who asks for it.
    ///   - permission: what may lie under the output's name and is replaced.
    ///   - version: of this program, for the record.
    /// - Throws: ``ScanFileError`` when the scan is not complete, has no frames, or something else lies under the
    ///   output's name; ``WorkerFailure`` when the network
    ///   cannot be read.
    public init(
        scan: Scan, gaps: ScanGaps, settings: ProcessingSettings, fillers: FillerFactory, output: String,
        requester: OutputRequester = .hand, replacing permission: OutputClaim.Permission = .own, version: String
    ) throws {
        if let problem = scan.problem { throw problem }
        guard let stack = scan.stack else {
            throw ScanFileError(path: scan.input, dataset: scan.entry, problem: "holds no stack of images")
        }
        let completeness = scan.completeness
        if completeness.state == .aborted || completeness.isOpenAndShort,
            completeness.framesWritten / scan.addedExposures < RockingScan.fewestFrames
        {
            throw ScanFileError(
                path: scan.input, dataset: scan.entry,
                problem: "aborted after \(completeness.frames); at least \(RockingScan.fewestFrames) are needed")
        }
        if stack.sources.contains(where: { $0.isFile(at: output) }) {
            throw ScanFileError(.output, path: output, problem: "is the raw data, which is never replaced")
        }
        claim = try OutputClaim(
            path: output,
            for: OutputProvenance(of: scan, dataset: stack.dataset, requester: requester),
            replacing: permission)
        self.requester = requester
        self.scan = scan
        self.stack = stack
        self.gaps = gaps
        asked = try fillers.filler(for: settings)
        self.settings = settings
        self.output = output
        self.version = version
    }

    /// Does the work.
    ///
    /// - Throws: ``ScanFileError``; nothing is left under the output's name or beside it then.
    public func run(progress: (WorkProgress) -> Void) throws -> InpaintReport {
        var examined = self
        examined.gaps = try gaps.examined(by: FrameReader(scan), photonValue: settings.photonValue)
        // The noise of readouts that are added adds, too.
        examined.gaps.photonScale.readoutNoise *= Double(scan.addedExposures).squareRoot()
        do {
            return try examined.run(as: Float.self, progress: progress)
        } catch is CountsNeedDouble {
            return try examined.run(as: Double.self, progress: progress)
        }
    }

    private func run<Count: OutputCount>(as _: Count.Type, progress: (WorkProgress) -> Void) throws -> InpaintReport {
        let clock = ContinuousClock()
        let start = clock.now
        var seconds = InpaintReport.Seconds()
        let edgePixels = try clock.add(to: &seconds.mask) {
            try ScanEdgePixels(of: gaps, filler: asked.filler, reader: FrameReader(scan))
        }
        let frames = try RecordedFrames<Count>(scan, gaps: gaps, sums: edgePixels.sums, settings: settings)
        let writer = try InpaintedFileWriter(
            path: output, claim: claim, header: header(shape: frames.shape, type: Count.elementType),
            compression: compression, threads: settings.threads)

        let survey = try ScanSurvey(
            of: frames, gaps: gaps, settings: settings,
            mirrors: asked.filler.method == .network,
            trains: settings.fineTune != .off && asked.filler is any TrainableFiller, progress: progress)
        guard survey.tally.masked < frames.shape.count else {
            throw ScanFileError(
                path: scan.input, dataset: stack.dataset,
                problem:
                    "nothing was measured: all \(survey.tally.masked) voxels are masked, flagged or no number"
            )
        }
        let choice = clock.add(to: &seconds.inpaint) {
            var choice = FillerChoice(asked.filler, by: survey.samples.check, progress: progress)
            choice.fineTune(on: survey.samples, gapWidths: gapWidths, settings: settings, progress: progress)
            choice.takeKrigingIfBetter()
            return choice
        }
        seconds.fineTune = choice.secondsOfFineTuning
        seconds.inpaint -= choice.secondsOfFineTuning

        var tallies = GapTally(mask: gaps.mask)
        let quality = try fill(
            frames, with: choice, mirror: survey.samples.mirror, to: writer, gaps: &tallies, seconds: &seconds,
            progress: progress)
        try frames.verifyUnchanged()
        let remarks =
            remarks(choice) + survey.tally.remarks(columns: frames.shape.columns) + writer.remarks
            + [edgePixels.evidence, mirrorRemark(survey.samples.mirror, choice)].compactMap { $0 }
        let judgement = GapJudgement(tallies, choice: choice, shape: frames.shape.frame)

        progress(WorkProgress(stage: "write", done: 0, total: 1))
        let picture: (path: String?, remark: String?) = try clock.add(to: &seconds.write) {
            var process = process(choice, quality: quality, judgement: judgement, edgePixels: edgePixels)
            process.remarks = remarks
            try writer.finish(process, free: free(by: judgement))
            return settings.preview ? try writePreview(choice, quality: quality, judgement) : (nil, nil)
        }
        progress(WorkProgress(stage: "write", done: 1, total: 1))
        (seconds.read, seconds.mask) = (frames.seconds.read, frames.seconds.mask)
        seconds.total = clock.seconds(since: start)
        let tally = survey.tally
        var report = InpaintReport(
            input: scan.input, output: output, dataset: stack.dataset, shape: frames.shape.extents,
            dtype: stack.elementType.rawValue, method: method(of: choice).rawValue, quality: quality)
        report.scan = scan.number
        report.detector = gaps.detector?.name
        (report.maskedVoxels, report.filledVoxels) = (tally.masked, tally.filled)
        report.unfilledVoxels = tally.masked - tally.filled
        report.model = model(of: choice)
        report.fineTuned = choice.isFineTuned
        report.seconds = seconds
        report.peakMemoryBytes = peakMemoryBytes()
        report.picture = picture.path
        report.remarks = remarks + [picture.remark].compactMap { $0 }
        report.edgePixels = edgePixels.use
        report.gaps = judgement.gaps
        report.selfCheck = choice.selfCheck
        return report
    }

    /// The estimates that phase retrieval is to leave free.
    private func free(by judgement: GapJudgement) -> FreeEstimates {
        switch settings.phasingMask {
        case .verdict: .pixels(judgement.free)
        case .estimates: .all
        case .unfilled: .none
        }
    }

    /// Fills the frames block by block and hands them to the writer.
    ///
    /// - Returns: how well they can be expected to be filled.
    private func fill<Count: OutputCount>(
        _ frames: RecordedFrames<Count>, with choice: FillerChoice, mirror: BraggMirror?,
        to writer: InpaintedFileWriter, gaps tallies: inout GapTally,
        seconds: inout InpaintReport.Seconds, progress: (WorkProgress) -> Void
    ) throws -> InpaintReport.Quality {
        let clock = ContinuousClock()
        let filler = choice.filler
        var expected = ExpectedQuality(mask: gaps.mask, shape: frames.shape)
        let context = filler.contextFrames
        var pass = frames.pass(isLast: true)
        // A block stands between its neighbours where the filler wants frames of them.
        var before: FrameBlock?
        var current = try pass.next()
        while let block = current.take() {
            let (position, counts, saturated) = (block.position, block.counts, block.saturated)
            let after = context > 0 ? try pass.next() : nil
            var filled = block.frames.withContext(context, before: before, after: after?.frames)
            before = block.frames.suffix(context)
            _ = consume block  // Its memory is wanted for the errors.
            filled.mirror = mirror?.seen(
                fromFrame: position.lowerBound - filled.frames.lowerBound, row: 0, column: 0)
            clock.add(to: &seconds.inpaint) {
                filler.fill(&filled)
                filled = filled.withoutContext
                filled.scaleErrors(by: choice.errorScale)
                tallies.add(filled)
                expected.add(filled, firstFrame: position.lowerBound)
            }
            if let failure = filler.failure {
                throw WorkerFailure(.internalFailure, "the network cannot be run: \(failure)")
            }
            try clock.add(to: &seconds.write) {
                let data = Count.output(filled, counts: counts, photon: gaps.photonScale.photon)
                var masks = filled.plans.map { FrameMasks(inpainted: $0.fillable, unusable: $0.unfillable) }
                if settings.saturated == .mark {
                    for (frame, pixels) in saturated.enumerated() {
                        for pixel in pixels where !filled.plans[frame].mask.storage[pixel] {
                            masks[frame].unusable.storage[pixel] = true
                        }
                    }
                }
                let errors = filled.errors(of: data, scale: gaps.photonScale, masks: masks)
                try writer.append(data, errors: errors, masks: .perFrame(masks))
            }
            progress(WorkProgress(stage: "inpaint", done: position.upperBound, total: frames.shape.frames))
            current = context > 0 ? after : try pass.next()
        }
        return choice.quality(expected)
    }

    private var gapWidths: [Int] {
        Set(gaps.mask.bands.map(\.width)).filter { $0 <= settings.maxGapPixels }.sorted()
    }
}

extension FrameBlock {
    /// The uncertainties in recorded units: the filler's where it filled, those of the measurement elsewhere.
    fileprivate func errors<Count: OutputCount>(
        of data: Volume<Count>, scale: PhotonScale, masks: [FrameMasks]
    ) -> VoxelErrors {
        guard var errors else { return .measured(scale) }
        let size = data.shape.frame.count
        for (frame, mask) in masks.enumerated() {
            for pixel in 0..<size {
                let voxel = frame * size + pixel
                if mask.unusable.storage[pixel] {
                    errors.storage[voxel] = .nan
                } else if mask.inpainted.storage[pixel] {
                    errors.storage[voxel] *= Float(scale.photon)
                } else {
                    errors.storage[voxel] = scale.uncertainty(data.storage[voxel])
                }
            }
        }
        return .given(errors)
    }
}
