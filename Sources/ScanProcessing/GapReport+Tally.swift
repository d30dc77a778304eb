internal import Inpainting
internal import Volume
internal import WorkMessages

/// What is said of each gap of a scan, and which pixels phase retrieval is to leave free for it.
struct GapJudgement {
    let gaps: [GapReport]
    /// The pixels of gaps whose fill is not to be taken as measured.
    let free: PixelMask

    /// - Parameters:
    ///   - tally: what the fill states of itself.
    ///   - choice: knows what became of hidden gaps.
    init(_ tally: GapTally, choice: FillerChoice, shape: FrameShape) {
        var gaps: [GapReport] = []
        // What is masked in some frames only has no form that hidden gaps could have.
        var free: Set<Int> = [tally.regions.regions.count]
        for (number, quality) in tally.qualities.enumerated() where quality.voxels > 0 {
            let region = tally.regions.regions.indices.contains(number) ? tally.regions.regions[number] : nil
            let hidden = region.map { choice.hiddenGaps(width: $0.width) } ?? HiddenGapFigures()
            let (verdict, reason) = VerdictRule.verdict(quality, hidden: hidden)
            gaps.append(
                GapReport(
                    name: region?.name ?? "in some frames only", width: region?.width ?? 0,
                    filledVoxels: quality.voxels, expectedPCC: quality.expectedPCC,
                    attainablePCC: quality.attainablePCC,
                    intensityBias: hidden.intensityRatio.map { $0 - 1 }, samples: hidden.samples, verdict: verdict,
                    reason: reason))
            if verdict != .trust { free.insert(number) }
        }
        self.gaps = gaps
        self.free = tally.pixels(of: free, shape: shape)
    }
}
