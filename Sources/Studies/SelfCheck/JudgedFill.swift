internal import Inpainting
internal import Volume
internal import WorkMessages

/// A scan with gaps of one width that is processed as the service does it: gaps like its own are hidden beside them, it is
/// filled, and each gap gets a verdict.
struct JudgedFill {
    /// With uncertainties as the hidden gaps show them to be right.
    let filled: FrameBlock
    let check: SelfCheckScore
    /// What the hidden gaps told of the width.
    let hidden: HiddenGapFigures
    /// What the fill states of each gap.
    let tally: GapTally

    /// - Parameter mask: what is masked in every frame of the block, which has no context.
    init(_ filler: any ScanFiller, of block: FrameBlock, mask: PixelMask, width: Int) {
        let shape = block.data.shape
        var survey = SampleSurvey(
            mask: mask, shape: shape, maximumWidth: width, mirrors: filler.method == .network, trains: false)
        survey.add(block, firstFrame: 0)
        var collector = survey.collector
        collector.add(block, firstFrame: 0)
        let samples = collector.samples
        check = samples.check.score(filler)
        var filled = block
        filled.mirror = samples.mirror
        filler.fill(&filled)
        filled.scaleErrors(by: Float(check.errorScale))
        hidden = HiddenGapFigures(check.windows, width: width)
        var tally = GapTally(mask: mask)
        tally.add(filled)
        self.tally = tally
        self.filled = filled
    }

    /// The pixels that the mask for phase retrieval leaves free by default: those of gaps that are not trusted.
    var free: PixelMask {
        let untrusted = tally.qualities.indices.filter {
            VerdictRule.verdict(tally.qualities[$0], hidden: hidden).verdict != .trust
        }
        return tally.pixels(of: Set(untrusted), shape: filled.data.shape.frame)
    }
}
