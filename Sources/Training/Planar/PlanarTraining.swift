internal import Diffraction
internal import Foundation
internal import Inpainting
public import NeuralNetwork
public import PublishedNetworks
internal import Volume

/// Trains one of the two-dimensional networks of the thesis from scratch, within a budget.
///
/// By Adam on ever new patterns of ``PlanarStream``, with gaps of 3, 6, 9 and 12 pixels. The thesis makes 3750 steps of 32
/// patterns at a learning rate of 1e-4. A step here has 8, which the densest of the networks holds in 2 GB, and the rate is
/// higher, as the steps are few; it falls to nothing over the last third of the budget. For the same reason the last bias
/// starts at the level of the first patterns: from 0.5, a network has to unlearn brightness first.
public struct PlanarTraining: Sendable {
    /// How long a training lasts.
    public enum Budget: Sendable, Hashable {
        case steps(Int)
        /// Wall time. How many steps that is depends on the machine, so that no two trainings are alike.
        case seconds(Double)
    }

    /// What came of a training.
    public struct Result: Sendable {
        public var model: PlanarModel
        public var steps: Int
        public var patterns: Int
        /// Wall time.
        public var seconds: Double
        /// Squared error in the gap in units of its variance: the mean over each of the ``errorPeriod`` steps.
        public var errors: [Double]
    }

    public var network: PlanarNetwork
    public var loss = ImageLoss.thesis
    public var seed: UInt64
    /// Rows and columns of the patterns.
    public var extent = PlanarNetwork.image.rows
    public var patternsPerStep = 8
    public var learningRate = 4e-4

    /// Steps over which an error is averaged.
    public static let errorPeriod = 10
    /// Steps over which the learning rate rises.
    private static let warmUpSteps = 10.0
    /// Share of the budget over which it falls.
    private static let coolDownShare = 1.0 / 3

    public init(network: PlanarNetwork, seed: UInt64) {
        self.network = network
        self.seed = seed
    }

    /// Trains until the budget is spent.
    ///
    /// - Parameter report: called after each step with the share of the budget that is spent, 0 ... 1.
    /// - Throws: `NeuralNetworkError` where the network cannot work on the extent.
    public func run(_ budget: Budget, report: (_ spent: Double) -> Void = { _ in }) throws -> Result {
        let task = PlanarTask(network: network, loss: loss)
        let stream = PlanarStream(seed: seed)
        let shape = VolumeShape(frames: 1, rows: extent, columns: extent)
        let plan = try NetworkPlan(
            task.graph, batch: patternsPerStep, extents: Extent3(shape), precision: .automatic, training: true)
        var parameters = task.initialParameters(seed: seed)
        var optimiser = Adam(parameterCount: parameters.values.count)
        let beginning = ContinuousClock.now
        var errors: [Double] = []
        var step = 0
        func spent() -> (share: Double, seconds: Double) {
            let seconds = (ContinuousClock.now - beginning) / .seconds(1)
            return switch budget {
            case .steps(let steps): (Double(step) / Double(steps), seconds)
            case .seconds(let all): (seconds / all, seconds)
            }
        }
        while true {
            let spent = spent()
            if step > 0 { report(min(1, spent.share)) }
            guard spent.share < 1 else { break }
            let first = step * patternsPerStep
            let examples = concurrentMap(first..<first + patternsPerStep) { index in
                task.example(stream.patch(index, shape: shape, gaps: .seams), seen: shape)
            }
            if step == 0 { start(&parameters, at: examples.map(\.features)) }
            errors += plan.learn(examples, with: parameters)
            let rise = min(1, Double(step + 1) / Self.warmUpSteps)
            let fall = min(1, (1 - spent.share) / Self.coolDownShare)
            plan.withGradients { gradients in
                _ = optimiser.step(
                    &parameters, gradients: gradients, learningRate: Float(learningRate * rise * fall),
                    clippingNorm: 1)
            }
            step += 1
        }
        return Result(
            model: PlanarModel(name: network.rawValue, network: network, parameters: parameters),
            steps: step, patterns: step * patternsPerStep, seconds: spent().seconds,
            errors: means(of: errors))
    }

    /// Lets the untrained network say the mean of some patterns, 0 ... 1, in every pixel.
    private func start(_ parameters: inout ParameterSet, at patterns: [[Float]]) {
        let levels = patterns.map { $0.reduce(0, +) / Float($0.count) }
        let level = levels.reduce(0, +) / Float(levels.count)
        parameters.withValues(of: "output.bias") { $0[0] = log(level / (1 - level)) }
    }

    /// The means over successive periods; what does not fill one is left out.
    private func means(of errors: [Double]) -> [Double] {
        let period = Self.errorPeriod * patternsPerStep
        return stride(from: 0, through: errors.count - period, by: period).map { start in
            errors[start..<start + period].reduce(0, +) / Double(period)
        }
    }
}

/// One of the two-dimensional networks of the thesis, as a trainer sees it.
struct PlanarTask: NetworkTask {
    let network: PlanarNetwork
    let loss: ImageLoss

    var graph: NetworkGraph { network.graph }

    func window(width: Int) -> VolumeShape { VolumeShape(frames: 1, frame: PlanarNetwork.image) }

    func initialParameters(seed: UInt64) -> ParameterSet { ParameterSet(graph, seed: seed) }

    func parameters(contentsOf path: String) throws -> ParameterSet {
        let model = try PlanarModel(contentsOf: path)
        guard model.network == network else {
            throw TrainingError(
                path: path, problem: "weights of a \(model.network.rawValue), expected \(network.rawValue)")
        }
        return model.parameters
    }

    func example(_ patch: TrainingPatch, seen: VolumeShape) -> any TrainingExample {
        PaperExample(counts: patch.counts, mask: patch.mask, loss: loss)
    }

    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws {
        var facts = facts
        facts["loss"] = loss.rawValue
        try PlanarModel(name: name, network: network, parameters: parameters, facts: facts).write(to: path)
    }
}
