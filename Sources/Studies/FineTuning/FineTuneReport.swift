internal import Foundation

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
