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
        guard samples.check.count > 0, !samples.training.isEmpty else { return nil }
        let fillStart = ContinuousClock.now
        let pcc = cross.pcc(of: block, filledBy: general)
        let start = ContinuousClock.now
        let before = samples.check.score(general)
        let checked = ContinuousClock.now
        let trial: FineTuneTrial?
        do {
            trial = try FineTuneTrial(
                of: general, samples: samples, before: before, gapWidths: [cross.width], progress: progress)
        } catch {
            throw .trainingFailed("\(error)")
        }
        guard let trial else { return nil }
        let seconds = (ContinuousClock.now - checked) / .seconds(1)
        let gain = trial.after.gain(over: before)
        return FineTuneScore(
            width: cross.width, row: cross.row, column: cross.column, windows: cross.windows.count,
            general: pcc, learnt: cross.pcc(of: block, filledBy: trial.filler),
            misfit: before.misfit, checkPCC: before.pcc, samples: before.samples, parts: samples.training.count,
            partExtent: samples.training[0].counts.shape.columns, busyWindows: samples.windows, steps: trial.steps,
            gainHalfWay: trial.gainHalfWay, checkGain: gain?.mean, checkGainError: gain?.standardError,
            isKept: trial.isKept, fillSeconds: (start - fillStart) / .seconds(1), seconds: seconds)
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
    /// What the self-check says of the general network: the squared error in units of photon noise, the PCC, and from how
    /// many hidden gaps.
    public var misfit: Double?
    public var checkPCC: Double?
    public var samples: Int
    /// From how many parts of the scan it learnt, and how wide they are in pixels.
    public var parts: Int
    public var partExtent: Int
    /// About how many windows of the gaps are not in the dark.
    public var busyWindows: Double
    /// How many steps it learnt, and what the self-check had gained half-way.
    public var steps: Int
    public var gainHalfWay: Double?
    /// The gain in PCC on the self-check, by which is decided whether what was learnt is kept, and its standard error.
    public var checkGain: Double?
    public var checkGainError: Double?
    public var isKept: Bool
    /// Of filling all gaps once, and of learning, the self-checks included.
    public var fillSeconds: Double
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
/// | `misfit`, `check_pcc`, `samples` | the self-check of the general network |
/// | `parts`, `part_extent` | from how many parts it learnt, and how wide they are in pixels |
/// | `busy_windows` | about how many windows of the gaps are not in the dark |
/// | `steps`, `gain_half_way` | of learning, and what the self-check had gained half-way |
/// | `check_gain`, `check_gain_se` | gain on the self-check, which decides, and its standard error |
/// | `is_kept` | 1 unless the check clearly loses |
/// | `gain` | of what is kept over the general network |
/// | `fill_seconds`, `seconds` | of filling the cross once, and of learning with its self-checks |
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
            "placement", "width", "row", "column", "windows", "pcc_general", "pcc_learnt", "misfit",
            "check_pcc", "samples", "parts", "part_extent", "busy_windows", "steps", "gain_half_way", "check_gain",
            "check_gain_se", "is_kept", "gain", "fill_seconds", "seconds",
        ])
        for (index, score) in scores.enumerated() {
            table.append([
                .integer(index), .integer(score.width), .integer(score.row), .integer(score.column),
                .integer(score.windows), .number(score.general), .number(score.learnt), .init(score.misfit),
                .init(score.checkPCC), .integer(score.samples), .integer(score.parts), .integer(score.partExtent),
                .number(score.busyWindows), .integer(score.steps), .init(score.gainHalfWay), .init(score.checkGain),
                .init(score.checkGainError), .integer(score.isKept ? 1 : 0), .number(score.gain),
                .number(score.fillSeconds), .number(score.seconds),
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
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
        let kept = scores.filter(\.isKept).map(\.gain)
        let all = scores.map { $0.learnt - $0.general }
        summary = [
            String(
                format: "%d placements, kept in %d: mean gain where kept %+.4f, worst %+.4f", scores.count, kept.count,
                mean(kept), kept.min() ?? 0),
            String(
                format: "if all were kept: mean gain %+.4f, worst %+.4f; %.0f s at most, %.1f times filling on average",
                mean(all), all.min() ?? 0, scores.map(\.seconds).max() ?? 0,
                mean(scores.map { $0.seconds / max(0.001, $0.fillSeconds) })),
        ]
    }
}
