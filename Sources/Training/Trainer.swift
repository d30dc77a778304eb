internal import Diffraction
internal import Foundation
internal import Inpainting
internal import NeuralNetwork
internal import Volume

/// Trains a network on patches that are simulated as they are needed.
///
/// A step makes its patches on all cores, kriges them, and lets the network correct them. The same recipe gives the
/// same weights for the same number of threads.
public final class Trainer {
    /// How far a training has come.
    public struct Progress: Codable, Sendable {
        public var step: Int
        public var steps: Int
        public var patchesPerSecond: Double
        /// Squared error in the gap in units of its variance, over the last steps, and that of kriging alone.
        public var error: Double
        public var krigingError: Double
    }

    public let recipe: TrainingRecipe
    private let directory: String
    private let stream: PatchStream
    private let kriging = Kriging()
    private let graph: NetworkGraph
    private let precision: Precision
    private let loss: GapLoss
    private let validation: Validation
    public let curve: LearningCurve
    private var state: TrainingState
    private var plans: [TrainingRecipe.Batch: NetworkPlan] = [:]

    private static func checkpoint(in directory: String) -> String { "\(directory)/checkpoint.safetensors" }

    /// - Parameters:
    ///   - directory: where the checkpoint, the learning curve and the weights go; made where it is missing.
    ///   - resume: go on from the checkpoint there.
    public init(recipe: TrainingRecipe, directory: String, resume: Bool) throws {
        self.recipe = recipe
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        graph = recipe.network.graph
        stream = PatchStream(recipe: recipe.patches(seed: recipe.seed))
        precision = recipe.precision.precision
        loss = GapLoss(uncertaintyWeight: Float(recipe.uncertaintyWeight))
        curve = LearningCurve(path: "\(directory)/curve.csv")
        state =
            resume
            ? try TrainingState(from: Self.checkpoint(in: directory), graph: graph)
            : TrainingState(try Self.firstParameters(recipe))
        if !resume { try curve.begin() }
        validation = Validation(recipe, kriging: kriging)
    }

    private static func firstParameters(_ recipe: TrainingRecipe) throws -> ParameterSet {
        guard let start = recipe.start else { return recipe.network.initialParameters(seed: recipe.seed) }
        let model = try GapModel(contentsOf: start)
        guard model.network == recipe.network else {
            throw TrainingError(
                path: start, problem: "weights of a network of \(model.network), expected \(recipe.network)")
        }
        return model.parameters
    }

    /// Trains to the recipe's last step, and writes the weights.
    ///
    /// - Parameter report: called after each step.
    /// - Returns: the last scores.
    public func run(report: (Progress) -> Void) throws -> [Validation.Score] {
        var clock = ContinuousClock.now
        var unsaved = 0.0
        var recent = Recent()
        while state.step < recipe.steps {
            let batch = recipe.batch(ofStep: state.step)
            let value = try step(batch)
            let now = ContinuousClock.now
            let seconds = (now - clock) / .seconds(1)
            clock = now
            state.seconds += seconds
            unsaved += seconds
            recent.add(value, seconds: seconds)
            report(recent.progress(step: state.step, steps: recipe.steps))
            if state.step % recipe.validation.everySteps == 0 || state.step == recipe.steps {
                try curve.add(try scores(), step: state.step, seconds: state.seconds, error: recent.error)
            }
            if unsaved > recipe.checkpointMinutes * 60 {
                try state.write(to: Self.checkpoint(in: directory))
                unsaved = 0
            }
        }
        try state.write(to: Self.checkpoint(in: directory))
        let scores = try scores()
        try GapModel(
            name: recipe.name, network: recipe.network, parameters: state.average,
            facts: [
                "steps": "\(state.step)", "seed": "\(recipe.seed)",
                "hours": String(format: "%.2f", state.seconds / 3600),
            ]
        ).write(to: "\(directory)/\(recipe.name).safetensors")
        return scores
    }

    private func scores() throws -> [Validation.Score] {
        try validation.scores(graph, state.average, precision: precision)
    }

    /// One step of the optimiser.
    private func step(_ batch: TrainingRecipe.Batch) throws -> GapLoss.Value {
        // Numbered by step, so that a training that is resumed sees no patch twice.
        let first = state.step * recipe.largestBatch
        let examples = concurrentMap(first..<first + batch.patches) { index in
            GapExample(stream.patch(index, shape: batch.shape, gaps: batch.gaps), kriging: kriging)
        }
        let plan = try plan(for: batch)
        plan.load(state.parameters)
        plan.setInput(examples)
        plan.forward()
        let value = loss.backward(examples, in: plan)
        plan.withGradients { gradients in
            state.update(
                gradients: gradients, learningRate: Float(recipe.learningRate(ofStep: state.step)),
                clipNorm: Float(recipe.clipNorm), averageSteps: recipe.averageSteps)
        }
        return value
    }

    private func plan(for batch: TrainingRecipe.Batch) throws -> NetworkPlan {
        if let known = plans[batch] { return known }
        let plan = try NetworkPlan(
            graph, batch: batch.patches, extents: Extent3(batch.shape), precision: precision, training: true)
        plans[batch] = plan
        return plan
    }
}

/// Sums over the last steps, older ones fading.
private struct Recent {
    private var value = GapLoss.Value()
    private var seconds = 0.0
    private static let fade = 0.995

    var error: Double { value.error / max(1e-9, value.patches) }

    mutating func add(_ new: GapLoss.Value, seconds newSeconds: Double) {
        value.error = value.error * Self.fade + new.error
        value.kriging = value.kriging * Self.fade + new.kriging
        value.patches = value.patches * Self.fade + new.patches
        seconds = seconds * Self.fade + newSeconds
    }

    func progress(step: Int, steps: Int) -> Trainer.Progress {
        Trainer.Progress(
            step: step, steps: steps, patchesPerSecond: value.patches / max(seconds, 1e-9), error: error,
            krigingError: value.kriging / max(1e-9, value.patches))
    }
}
