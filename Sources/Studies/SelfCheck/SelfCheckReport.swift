internal import Foundation
internal import Volume
internal import WorkMessages

/// What the study of the stated quality leaves behind.
///
/// | column | meaning |
/// |---|---|
/// | `method`, `width` | what filled the cross, and its width in pixels |
/// | `stated` | PCC of log(1+I) as stated for the scan |
/// | `checked` | the same in the gaps that the self-check hides |
/// | `truth` | the same in the cross, against the counts that were hidden |
/// | `variance_scale`, `samples` | what the self-check made of the stated variances, and from how many hidden gaps |
/// | `expected`, `attainable` | PCC of one gap of the cross, and the most that it could be, as stated |
/// | `intensity_uncertainty` | of the sum of the gap, as a share of it, as stated |
/// | `gap_truth`, `gap_limit` | PCC and limit as they are |
/// | `hidden_ratio`, `ratio` | estimated over true intensity, in hidden gaps of the width and in this one |
/// | `gap_samples` | how many gaps of the width were hidden |
/// | `verdict`, `deserved` | what was said of the gap, and what would have been said by one who knows |
/// | `voxels_…`, `within_1_sigma_…`, `within_2_sigma_…` | voxels of the gap by the estimate in counts, and the share of what was counted there that lies within the limits for 68 % and 95 % |
public struct SelfCheckReport: StudyDocument {
    public let study = "self-check"
    /// `simulated`, or the name of a file.
    public let source: String
    public let seed: UInt64
    public let figures: [String]
    public let rows: StudyTable

    private enum CodingKeys: String, CodingKey {
        case study, source, seed, figures, rows
    }

    /// Bias, scatter and correlation with the truth, for a person.
    public let summary: [String]

    public let drawings: [Figure]

    public init(_ study: SelfCheckStudy, source: String, scores: [SelfCheckStudy.Score]) {
        self.source = source
        seed = study.seed
        var table = StudyTable(
            columns: [
                "method", "width", "stated", "checked", "truth", "variance_scale", "samples", "expected", "attainable",
                "intensity_uncertainty", "gap_truth", "gap_limit", "hidden_ratio", "ratio", "gap_samples", "verdict",
                "deserved",
            ] + VoxelCoverage.columns)
        for score in scores {
            for gap in score.gaps {
                let values: [StudyTable.Value] = [
                    .text(score.method), .integer(score.width), .init(score.stated), .init(score.checked),
                    .init(score.truth), .number(score.varianceScale), .integer(score.samples),
                    .init(gap.expected), .init(gap.attainable), .init(gap.intensityUncertainty), .number(gap.truth),
                    .number(gap.limit), .init(gap.hiddenRatio), .init(gap.ratio), .integer(gap.samples),
                    .text(gap.verdict.rawValue), .text(gap.deserved.rawValue),
                ]
                table.append(values + gap.coverage.values)
            }
        }
        rows = table.prefixed(by: [
            "study": .text("self-check"), "source": .text(source),
            "seed": .integer(Int(truncatingIfNeeded: study.seed)),
        ])
        let byMethod = Dictionary(grouping: scores, by: \.method).sorted { $0.key < $1.key }
        drawings = [
            Figure(
                name: "self-check", title: "\(source): stated quality against the truth", xLabel: "PCC in the gaps",
                yLabel: "PCC stated",
                lines: byMethod.map { method, scores in
                    (method, Self.pairs(scores, \.stated).map { ($0.truth, $0.stated) }.sorted { $0 < $1 })
                })
        ]
        figures = drawings.map { "\($0.name).png" }
        summary = byMethod.flatMap { method, scores in
            [("stated", \SelfCheckStudy.Score.stated), ("hidden gaps", \.checked)].map { name, value in
                "\(method), \(name): \(Self.text(Self.pairs(scores, value)))"
            } + (Self.confusion(scores.flatMap(\.gaps)) + Self.coverage(scores)).map { "\(method), \($0)" }
        }
    }

    private static func pairs(
        _ scores: [SelfCheckStudy.Score], _ value: KeyPath<SelfCheckStudy.Score, Double?>
    ) -> [(stated: Double, truth: Double)] {
        scores.compactMap { score in
            guard let stated = score[keyPath: value], let truth = score.truth else { return nil }
            return (stated, truth)
        }
    }

    /// For each verdict, how many gaps deserved which, e.g. "trust: 20 gaps, deserved: trust 19, bounds only 1".
    private static func confusion(_ gaps: [SelfCheckStudy.Gap]) -> [String] {
        FillVerdict.allCases.compactMap { verdict in
            let said = gaps.filter { $0.verdict == verdict }
            guard !said.isEmpty else { return nil }
            let deserved = FillVerdict.allCases.compactMap { other in
                let count = said.count { $0.deserved == other }
                return count > 0 ? "\(other.rawValue) \(count)" : nil
            }
            return "\(verdict.rawValue): \(said.count) gaps, deserved: \(deserved.joined(separator: ", "))"
        }
    }

    /// For each width, the shares of the counts within the limits for 68 % and 95 %, by brightness.
    private static func coverage(_ scores: [SelfCheckStudy.Score]) -> [String] {
        Dictionary(grouping: scores, by: \.width).sorted { $0.key < $1.key }.map { width, scores in
            var sum = VoxelCoverage()
            for gap in scores.flatMap(\.gaps) { sum.add(gap.coverage) }
            return "\(width) px, counts within the limits: \(sum)"
        }
    }

    /// e.g. "30 scans, bias +0.003, scatter 0.021, correlation with the truth 0.95".
    private static func text(_ pairs: [(stated: Double, truth: Double)]) -> String {
        let differences = pairs.map { $0.stated - $0.truth }
        let count = Double(max(1, pairs.count))
        let bias = differences.reduce(0, +) / count
        let scatter = (differences.reduce(0) { $0 + ($1 - bias) * ($1 - bias) } / max(1, count - 1)).squareRoot()
        var correlation = Correlation()
        for pair in pairs { correlation.add(pair.stated, pair.truth) }
        return String(
            format: "%d scans, bias %+.3f, scatter %.3f, correlation with the truth %.2f", pairs.count, bias, scatter,
            correlation.pearson ?? 0)
    }
}
