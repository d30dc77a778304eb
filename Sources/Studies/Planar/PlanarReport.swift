internal import Foundation
internal import Inpainting
internal import NeuralNetwork
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
        public let steps: Int
        public let patterns: Int
        /// Wall time.
        public let seconds: Double
        public let learningRate: Double
        let errors: [Double]

        private enum CodingKeys: String, CodingKey {
            case method, network, loss, parameters, steps, patterns, seconds
            case learningRate = "learning_rate"
        }

        init(_ method: String, _ training: PlanarTraining, _ result: PlanarTraining.Result) {
            self.method = method
            network = training.network.rawValue
            loss = training.loss.rawValue
            parameters = result.model.parameters.values.count
            steps = result.steps
            patterns = result.patterns
            seconds = (result.seconds * 100).rounded() / 100
            learningRate = training.learningRate
            errors = result.errors
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
        drawings = Self.drawings(of: scores) + [Self.errors(of: trainings)]
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

    /// The error in the gap while the networks were trained.
    private static func errors(of trainings: [Training]) -> Figure {
        Figure(
            name: "training", title: "error on new patterns while training", xLabel: "steps",
            yLabel: "squared error in the gap over its variance", yIsLogarithmic: true,
            series: trainings.map { training in
                Figure.Series(
                    name: training.method,
                    points: training.errors.enumerated().map { index, error in
                        Figure.Point(x: Double((index + 1) * PlanarTraining.errorPeriod), y: error, error: 0)
                    })
            })
    }

    private static func line(_ training: Training) -> String {
        "\(training.method): \(training.parameters) parameters, \(training.loss), \(training.steps) steps in "
            + String(format: "%.0f s", training.seconds)
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
