internal import Diffraction
internal import Foundation
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

/// What fine-tuning did to the fill of one cross.
public struct FineTuneScore: Sendable, Equatable {
    /// Of the gaps, in pixels.
    public var width: Int
    /// The first hidden row and column.
    public var row: Int
    public var column: Int
    /// Parts of the gaps over which the correlations are means.
    public var windows: Int
    /// PCC of log(1+I) in the cross, before and after.
    public var general: Double
    public var learnt: Double
    /// The gain in PCC on the self-check, by which is decided whether what was learnt is kept, and its standard error.
    public var checkGain: Double?
    public var checkGainError: Double?
    public var isKept: Bool
    /// Of learning.
    public var seconds: Double

    /// By how much the fill that is kept is better than the general one.
    public var gain: Double { isKept ? learnt - general : 0 }
}

/// What the study of fine-tuning leaves behind.
///
/// | column | meaning |
/// |---|---|
/// | `placement`, `width`, `row`, `column` | where the cross lies, in pixels |
/// | `windows` | parts of the gaps over which PCC is a mean |
/// | `pcc_general`, `pcc_learnt` | PCC of log(1+I) in the cross before and after |
/// | `check_gain`, `check_gain_se` | gain on the self-check, which decides, and its standard error |
/// | `is_kept` | 1 where the check gains by more than two standard errors |
/// | `gain` | of what is kept over the general network |
/// | `seconds` | of learning |
public struct FineTuneReport: StudyDocument {
    public let study = "fine-tune"
    /// `simulated`, or the name of a file.
    public let source: String
    public let seed: UInt64
    public let figures: [String]
    public let rows: StudyTable

    private enum CodingKeys: String, CodingKey {
        case study, source, seed, figures, rows
    }

    /// The mean gain and the worst, for a person.
    public let summary: [String]

    public let drawings: [Figure]

    public init(_ study: FineTuneStudy, source: String, scores: [FineTuneScore]) {
        self.source = source
        seed = study.seed
        var table = StudyTable(columns: [
            "placement", "width", "row", "column", "windows", "pcc_general", "pcc_learnt", "check_gain",
            "check_gain_se", "is_kept", "gain", "seconds",
        ])
        for (index, score) in scores.enumerated() {
            table.append([
                .integer(index), .integer(score.width), .integer(score.row), .integer(score.column),
                .integer(score.windows), .number(score.general), .number(score.learnt), .init(score.checkGain),
                .init(score.checkGainError), .integer(score.isKept ? 1 : 0), .number(score.gain),
                .number(score.seconds),
            ])
        }
        rows = table.prefixed(by: [
            "study": .text("fine-tune"), "source": .text(source), "seed": .integer(Int(truncatingIfNeeded: study.seed)),
        ])
        func points(_ value: (FineTuneScore) -> Double) -> [(Double, Double)] {
            scores.enumerated().map { (Double($0), value($1)) }
        }
        drawings = [
            Figure(
                name: "fine-tuning", title: "\(source): PCC in crosses that the network never saw", xLabel: "placement",
                yLabel: "PCC",
                lines: [("general", points { $0.general }), ("fine-tuned", points { $0.learnt })])
        ]
        figures = drawings.map { "\($0.name).png" }
        let gains = scores.map(\.gain)
        summary = [
            String(
                format: "%d placements, kept in %d: mean gain %+.4f, worst %+.4f, %.0f s at most", scores.count,
                scores.count { $0.isKept }, gains.reduce(0, +) / Double(max(1, gains.count)), gains.min() ?? 0,
                scores.map(\.seconds).max() ?? 0)
        ]
    }
}
