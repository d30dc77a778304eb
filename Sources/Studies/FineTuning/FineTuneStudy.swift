internal import Diffraction
public import Inpainting
internal import Volume
public import WorkMessages

/// What the network gains by learning from the very scan that it is to fill.
///
/// A cross of gaps is hidden in a scan where everything was counted. The network learns from gap-free parts of it, as it
/// would at a beamline, and is scored on the cross, which it never saw; source: Masto et al. 2024, section 2.7.
public struct FineTuneStudy: Sendable {
    public var model: GapModel
    public var quality = FillQuality.standard
    /// Number of crosses; simulated ones lie in a scan of their own each.
    public var placements = 5
    /// Widths of the crosses in pixels, in turn.
    public var widths = [6, 12]
    public var seed: UInt64 = 0

    /// Keeps the places apart from all else that is random.
    private static let stream: UInt64 = 0x5354_5544_4945_5335
    /// How many scans are tried for each cross: one may be too dim.
    private static let triesPerCross = 4

    public init(model: GapModel) { self.model = model }

    /// Scores the network before and after it has learnt.
    ///
    /// - Parameter progress: told the number of training steps done and in all.
    /// - Throws: ``StudyError/noWindow(source:reason:)``, ``StudyError/trainingFailed(_:)``
    public func scores(
        _ source: some VolumeSource, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StudyError) -> [FineTuneScore] {
        var scores: [FineTuneScore] = []
        for index in 0..<Self.triesPerCross * placements where scores.count < placements {
            let volume = source.volume(index)
            var generator = SeededGenerator(seed: seed, stream: Self.stream, UInt64(index))
            guard
                let cross = HiddenCross(
                    width: widths[index % widths.count], besidePeakOf: volume, using: &generator)
            else { continue }
            let score = try score(cross, in: volume) { done, total in
                progress(scores.count * total + done, placements * total)
            }
            if let score { scores.append(score) }
        }
        guard !scores.isEmpty else {
            throw .noWindow(source: source.name, reason: "no place for a cross has counts in it and around it")
        }
        return scores
    }

    private func score(
        _ cross: HiddenCross, in volume: StudyVolume, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(StudyError) -> FineTuneScore? {
        var block = cross.block
        var survey = SampleSurvey(
            mask: cross.mask, shape: volume.counts.shape, maximumWidth: cross.width, mirrors: true, trains: true)
        survey.add(block, firstFrame: 0)
        var collector = survey.collector
        collector.add(block, firstFrame: 0)
        let samples = collector.samples
        block.mirror = samples.mirror
        let general = NetworkFiller(model: model, quality: quality)
        let start = ContinuousClock.now
        guard samples.check.count > 0, !samples.training.isEmpty else { return nil }
        let result: (any ScanFiller)?
        do {
            result = try general.fineTuned(on: samples.training, gapWidths: [cross.width], progress: progress)
        } catch {
            throw .trainingFailed("\(error)")
        }
        guard let learnt = result else { return nil }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let (before, after) = (samples.check.score(general), samples.check.score(learnt))
        let gain = after.gain(over: before)
        return FineTuneScore(
            width: cross.width, row: cross.row, column: cross.column, windows: cross.windows.count,
            general: cross.pcc(of: block, filledBy: general), learnt: cross.pcc(of: block, filledBy: learnt),
            checkGain: gain?.mean, checkGainError: gain?.standardError, isKept: after.isClearlyBetter(than: before),
            seconds: seconds)
    }
}
