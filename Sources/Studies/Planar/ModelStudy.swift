internal import Detectors
internal import Inpainting
internal import NeuralNetwork
public import PublishedNetworks
public import Training
internal import Volume
internal import WorkMessages

/// The two-dimensional networks of the thesis side by side, trained from scratch on the same patterns.
///
/// Three questions: PCC against gap width, and of the last network also against the gap's position and against pixels per
/// fringe (thesis, figures 4.5 to 4.7).
public struct ModelStudy: Sendable {
    public var networks = PlanarNetwork.allCases
    /// Of each network.
    public var budget: PlanarTraining.Budget
    public var seed: UInt64 = 0
    /// Rows and columns of all patterns.
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

    public init(budget: PlanarTraining.Budget) { self.budget = budget }

    /// - Parameter progress: told the stage, and how much of it is done.
    /// - Throws: `NeuralNetworkError` where a network cannot work on the extent.
    public func run(progress: (_ stage: String, _ done: Int, _ total: Int) -> Void) throws -> PlanarReport {
        var trainings: [PlanarReport.Training] = []
        var methods = [StudyMethod("linear", Interpolation(.linear)), StudyMethod("kriging", Kriging())]
        for network in networks {
            var training = PlanarTraining(network: network, seed: seed)
            training.extent = extent
            let result = try training.run(budget) { progress("train \(network.rawValue)", Int(100 * $0), 100) }
            trainings.append(PlanarReport.Training(network.rawValue, training, result))
            methods.append(StudyMethod(network.rawValue, PlanarFiller(model: result.model)))
        }
        var scoring = PlanarScoring(methods: methods, seed: seed, extent: extent)
        var scores = scoring.scores(widths: widths, patterns: patterns) { progress("width", $0, $1) }
        scoring.methods = [methods[0]] + methods.suffix(1)
        scores += scoring.scores(positionsEvery: step, patterns: positionPatterns) { progress("position", $0, $1) }
        scores += scoring.scores(oversamplings: oversamplings, positionsEvery: 2 * step, particles: particles) {
            progress("oversampling", $0, $1)
        }
        return PlanarReport(study: "models", seed: seed, trainings: trainings, scores: scores)
    }
}

/// One of the two-dimensional networks trained from scratch with each loss, for the same steps on the same patterns.
///
/// Source: thesis, section 4.3.2 and figure 4.4; the paper's loss stands beside them.
public struct LossStudy: Sendable {
    public var network = PlanarNetwork.unet
    /// Of the first loss, whose steps all others make, too.
    public var budget: PlanarTraining.Budget
    public var seed: UInt64 = 0
    /// Rows and columns of all patterns.
    public var extent = PlanarNetwork.image.rows
    public var widths = [3, 6, 9, 12]
    /// Patterns with a gap of each width.
    public var patterns = 60

    public init(budget: PlanarTraining.Budget) { self.budget = budget }

    /// How many losses are compared.
    public static let losses = ImageLoss.allCases.count

    /// - Parameter progress: told the stage, and how much of it is done.
    /// - Throws: `NeuralNetworkError` where the network cannot work on the extent.
    public func run(progress: (_ stage: String, _ done: Int, _ total: Int) -> Void) throws -> PlanarReport {
        var budget = budget
        var trainings: [PlanarReport.Training] = []
        var scores: [PlanarScore] = []
        for loss in ImageLoss.allCases {
            var training = PlanarTraining(network: network, seed: seed)
            training.loss = loss
            training.extent = extent
            let result = try training.run(budget) { progress("train \(loss.rawValue)", Int(100 * $0), 100) }
            budget = .steps(result.steps)
            trainings.append(PlanarReport.Training(loss.rawValue, training, result))
            // One network at a time: each takes its share of the memory.
            let methods = [
                StudyMethod("linear", Interpolation(.linear)),
                StudyMethod(loss.rawValue, PlanarFiller(model: result.model)),
            ]
            let scoring = PlanarScoring(methods: methods, seed: seed, extent: extent)
            let scored = scoring.scores(widths: widths, patterns: patterns) {
                progress("score \(loss.rawValue)", $0, $1)
            }
            // What is no network is the same every time.
            scores += scores.isEmpty ? scored : scored.filter { $0.method == loss.rawValue }
        }
        return PlanarReport(study: "losses", seed: seed, trainings: trainings, scores: scores)
    }
}
