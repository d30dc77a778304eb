internal import Detectors
internal import Inpainting

extension SelfCheck {
    /// Checks the filler of a scan, beside linear interpolation.
    init(filler: any GapFiller, plan: GapPlan, bands: [GapBand], settings: ProcessingSettings) {
        let others: [any GapFiller] = filler.method == .linear ? [] : [Interpolation(.linear)]
        self.init(
            fillers: [filler] + others, mask: plan.mask, rowGaps: bands.filter { $0.axis == .row }.map(\.range),
            columnGaps: bands.filter { $0.axis == .column }.map(\.range), maximumWidth: settings.maxGapPixels)
    }

    /// The figures of the filler, which stands first, and of linear interpolation, which stands last.
    func quality(of method: FillMethod) -> InpaintReport.Quality {
        let scores = scores
        return InpaintReport.Quality(
            pcc: scores.first?.pcc, pccLinear: scores.last?.pcc,
            pccKriging: method == .kriging ? scores.first?.pcc : nil, misfit: scores.first?.misfit,
            samples: scores.first?.samples ?? 0)
    }
}
