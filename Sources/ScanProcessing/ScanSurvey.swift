internal import Inpainting
internal import ScanFiles
internal import Volume
internal import WorkMessages

/// What a look at the whole of a scan tells before anything of it is filled.
struct ScanSurvey {
    private(set) var tally: VoxelTally
    let samples: ScanSamples

    /// - Parameters:
    ///   - mirrors: whether the other side of the Bragg peak is wanted.
    ///   - trains: whether parts for training are wanted.
    init<Count: OutputCount>(
        of frames: RecordedFrames<Count>, gaps: ScanGaps, settings: ProcessingSettings, mirrors: Bool,
        trains: Bool, progress: (WorkProgress) -> Void
    ) throws {
        var survey = SampleSurvey(
            mask: gaps.mask, shape: frames.shape, maximumWidth: settings.maxGapPixels, mirrors: mirrors, trains: trains)
        tally = VoxelTally(saturation: frames.saturation, hasFrameMask: gaps.frameMask != nil)
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
