internal import Detectors
internal import Inpainting
internal import NeuralNetwork
public import PublishedNetworks
internal import Training
internal import Volume
internal import WorkMessages

/// The two-dimensional networks or losses of the thesis side by side.
///
/// PCC against gap width, beside linear interpolation and kriging; for networks, the last of them is also asked for PCC
/// against the gap's position and against pixels per fringe. Source: thesis, sections 4.3.2 and 4.3.3, figures 4.4 to 4.7;
/// the paper's loss stands beside the thesis'.
public struct PlanarStudy: Sendable {
    /// What the networks differ in, by which tables call them.
    public enum Subject: Sendable {
        case networks([PlanarNetwork])
        case losses(of: PlanarNetwork)
    }

    public let subject: Subject
    public let weights: PlanarWeights
    public var seed: UInt64 = 0
    /// Rows and columns of the patterns that are scored.
    public var extent = PlanarNetwork.image.rows
    public var widths = [3, 6, 9, 12]
    /// Patterns with a gap of each width.
    public var patterns = 60
    /// Patterns with a gap at each position.
    public var positionPatterns = 150
    /// Particles that are seen at each oversampling.
    public var particles = 15
    public var oversamplings = [2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6]
    /// Columns from one position to the next.
    public var step = 16

    public init(_ subject: Subject, weights: PlanarWeights) {
        self.subject = subject
        self.weights = weights
    }

    /// - Parameter progress: told the stage, and how much of it is done.
    /// - Throws: what a `Trainer` throws.
    public func run(progress: (_ stage: String, _ done: Int, _ total: Int) -> Void) throws -> PlanarReport {
        let trainings = try trainings(progress: progress)
        let linear = StudyMethod("linear", Interpolation(.linear))
        let networks = trainings.map { StudyMethod($0.method, PlanarFiller(model: $0.model)) }
        var scoring = PlanarScoring(
            methods: [linear, StudyMethod("kriging", Kriging())] + networks, seed: seed, extent: extent)
        var scores = scoring.scores(widths: widths, patterns: patterns) { progress("width", $0, $1) }
        guard case .networks = subject else {
            return PlanarReport(study: "losses", seed: seed, trainings: trainings, scores: scores)
        }
        scoring.methods = [linear] + networks.suffix(1)
        scores += scoring.scores(positionsEvery: step, patterns: positionPatterns) { progress("position", $0, $1) }
        scores += scoring.scores(oversamplings: oversamplings, positionsEvery: 2 * step, particles: particles) {
            progress("oversampling", $0, $1)
        }
        return PlanarReport(study: "models", seed: seed, trainings: trainings, scores: scores)
    }

    private func trainings(
        progress: (_ stage: String, _ done: Int, _ total: Int) -> Void
    ) throws -> [PlanarReport.Training] {
        switch weights {
        case .given(let models):
            return models.map {
                PlanarReport.Training(name(of: $0.network, $0.facts["loss"] ?? $0.name), $0, curve: [])
            }
        case .trained(let training):
            return try candidates.map { network, loss in
                let name = name(of: network, loss.rawValue)
                let (model, curve) = try training.run(network, loss: loss, name: name) {
                    progress("train \(name)", $0, $1)
                }
                return PlanarReport.Training(name, model, curve: curve)
            }
        }
    }

    private var candidates: [(PlanarNetwork, ImageLoss)] {
        switch subject {
        case .networks(let networks): networks.map { ($0, .thesis) }
        case .losses(let network): ImageLoss.allCases.map { (network, $0) }
        }
    }

    private func name(of network: PlanarNetwork, _ loss: String) -> String {
        if case .networks = subject { network.rawValue } else { loss }
    }
}
