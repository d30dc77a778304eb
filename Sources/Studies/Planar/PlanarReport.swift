internal import Foundation
internal import Inpainting
internal import NeuralNetwork
internal import PublishedNetworks
internal import Training

/// What a two-dimensional study leaves behind: `table.csv`, `table.json` and figures.
public struct PlanarReport: StudyDocument {
    /// How one of the networks was trained.
    public struct Training: Sendable, Encodable {
        /// What the table calls it.
        public let method: String
        public let network: String
        public let loss: String
        public let parameters: Int
        /// Each `nil` where the weights' file does not say.
        public let steps: Int?
        public let patterns: Int?
        /// Wall time.
        public let hours: Double?
        let model: PlanarModel
        let curve: [LearningCurve.Entry]

        private enum CodingKeys: String, CodingKey {
            case method, network, loss, parameters, steps, patterns, hours
        }

        init(_ method: String, _ model: PlanarModel, curve: [LearningCurve.Entry]) {
            self.method = method
            self.model = model
            self.curve = curve
            network = model.network.rawValue
            loss = model.facts["loss"] ?? "unknown loss"
            parameters = model.parameters.values.count
            steps = model.facts["steps"].flatMap { Int($0) }
            patterns = model.facts["patches"].flatMap { Int($0) }
            hours = model.facts["hours"].flatMap { Double($0) }
        }
    }

    public let study: String
    public let source = "simulated"
    public let seed: UInt64
    public let trainings: [Training]
    public let figures: [String]
    public let rows: StudyTable

    private enum CodingKeys: String, CodingKey { case study, source, seed, trainings, figures, rows }

    /// How each network was trained, and the mean PCC of each method by gap width.
    public let summary: [String]

    public let drawings: [Figure]

    init(study: String, seed: UInt64, trainings: [Training], scores: [PlanarScore]) {
        self.study = study
        self.seed = seed
        self.trainings = trainings
        rows = PlanarTable.table(of: scores, trainings: trainings)
            .prefixed(by: [
                "study": .text(study), "source": .text(source), "seed": .integer(Int(truncatingIfNeeded: seed)),
            ])
        drawings = Self.drawings(of: scores) + Self.curves(of: trainings)
        figures = drawings.map { "\($0.name).png" }
        summary = trainings.map(Self.line) + Self.lines(of: scores)
    }

    /// PCC against what is varied, for each question.
    private static func drawings(of scores: [PlanarScore]) -> [Figure] {
        let labels: [(PlanarGap.Question, String)] = [
            (.width, "gap width (pixels)"), (.position, "first column of a gap of \(PlanarScoring.width) pixels"),
            (.oversampling, "pixels per fringe, gaps of \(PlanarScoring.width) pixels"),
        ]
        return labels.compactMap { question, label in
            let shown = scores.filter { $0.gap.question == question }
            guard !shown.isEmpty else { return nil }
            let groups = PlanarTable.groups(of: shown)
            let series = PlanarTable.names(in: shown).map { method in
                Figure.Series(
                    name: method,
                    points: groups.compactMap { gap, scores in
                        PlanarTable.mean(scores.filter { $0.method == method }, \.score.pcc)
                            .map { Figure.Point(x: gap.quantity, estimate: $0) }
                    })
            }
            return Figure(
                name: "pcc-against-\(question.rawValue)", title: "simulated 2D patterns: PCC of log(1+I) in the gap",
                xLabel: label, yLabel: "PCC", series: series)
        }
    }

    /// How the networks did while they were trained; nothing of those that had been trained before.
    private static func curves(of trainings: [Training]) -> [Figure] {
        let drawn = trainings.filter { !$0.curve.isEmpty }
        guard !drawn.isEmpty else { return [] }
        return [
            Figure(
                name: "training", title: "new patterns while training", xLabel: "steps",
                yLabel: "PCC of log(1+I) in gaps of \(PlanarScoring.width) pixels",
                lines: drawn.map { training in
                    (training.method, training.curve.map { (Double($0.step), $0.network) })
                })
        ]
    }

    private static func line(_ training: Training) -> String {
        "\(training.method): \(training.parameters) parameters, \(training.loss)"
            + (training.steps.map { ", \($0) steps" } ?? "")
            + (training.hours.map { String(format: " in %.2f h", $0) } ?? "")
    }

    private static func lines(of scores: [PlanarScore]) -> [String] {
        PlanarTable.groups(of: scores.filter { $0.gap.question == .width }).map { gap, scores in
            let means = PlanarTable.names(in: scores).compactMap { method in
                PlanarTable.mean(scores.filter { $0.method == method }, \.score.pcc)
                    .map { String(format: "%@ %.3f", method, $0.mean) }
            }
            return "\(gap.width) px: PCC " + means.joined(separator: ", ")
        }
    }
}

/// Scores of two-dimensional patterns summed up: a line for each gap and method.
///
/// | column | meaning |
/// |---|---|
/// | `question` | what is varied: width, position or oversampling |
/// | `width`, `position`, `oversampling` | of the gap in pixels, its first column, pixels per fringe |
/// | `patterns`, `gaps` | how many patterns were scored, with how many gaps |
/// | `pcc`, `pcc_se` | Pearson correlation of log(1+I) in the gap with the photons counted; mean and its standard error, gaps in the same pattern taken as alike |
/// | `pcc_noise_free` | the same with the photons expected |
/// | `gain`, `gain_se` | mean difference in PCC, gap by gap, from the first method; and its standard error |
/// | `milliseconds` | wall time of one pattern on all cores |
/// | `parameters`, `steps`, `training_patterns` | of a network: its size, and how long it was trained |
enum PlanarTable {
    static func table(of scores: [PlanarScore], trainings: [PlanarReport.Training]) -> StudyTable {
        var table = StudyTable(columns: [
            "question", "width", "position", "oversampling", "method", "patterns", "gaps", "pcc", "pcc_se",
            "pcc_noise_free", "gain", "gain_se", "milliseconds", "parameters", "steps", "training_patterns",
        ])
        for (gap, scores) in groups(of: scores) {
            let methods = names(in: scores)
            let first = scores.filter { $0.method == methods.first }
            for method in methods {
                let members = scores.filter { $0.method == method }
                let pcc = mean(members, \.score.pcc)
                let noiseFree = MeanEstimate(
                    members.compactMap { score in
                        score.score.pccNoiseFree.map { ($0, score.pattern) }
                    })
                let gain =
                    method == methods.first
                    ? nil : MeanEstimate(zip(members, first).map { ($0.score.pcc - $1.score.pcc, $0.pattern) })
                let seconds = members.compactMap(\.seconds)
                let training = trainings.first { $0.method == method }
                table.append([
                    .text(gap.question.rawValue), .integer(gap.width), gap.position.map { .integer($0) } ?? .missing,
                    .init(gap.oversampling), .text(method), .integer(Set(members.map(\.pattern)).count),
                    .integer(members.count), .init(pcc?.mean), .init(error(of: pcc)), .init(noiseFree?.mean),
                    .init(gain?.mean), .init(error(of: gain)),
                    seconds.isEmpty ? .missing : .number(1000 * seconds.reduce(0, +) / Double(seconds.count)),
                    training.map { .integer($0.parameters) } ?? .missing,
                    training?.steps.map { .integer($0) } ?? .missing,
                    training?.patterns.map { .integer($0) } ?? .missing,
                ])
            }
        }
        return table
    }

    /// Scores of the same gap, in the order of their first one.
    static func groups(of scores: [PlanarScore]) -> [(gap: PlanarGap, scores: [PlanarScore])] {
        var order: [PlanarGap] = []
        var groups: [PlanarGap: [PlanarScore]] = [:]
        for score in scores {
            if groups[score.gap] == nil { order.append(score.gap) }
            groups[score.gap, default: []].append(score)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }

    /// The methods, each once, in order, the oracle at the end.
    static func names(in scores: [PlanarScore]) -> [String] {
        var seen: Set<String> = [StudyMethod.oracle]
        return scores.map(\.method).filter { seen.insert($0).inserted } + [StudyMethod.oracle]
    }

    static func mean(_ scores: [PlanarScore], _ value: (PlanarScore) -> Double) -> MeanEstimate? {
        MeanEstimate(scores.map { (value($0), $0.pattern) })
    }

    private static func error(of estimate: MeanEstimate?) -> Double? {
        estimate?.standardErrorOverVolumes ?? estimate?.standardError
    }
}
