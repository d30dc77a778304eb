internal import Diffraction
internal import Foundation
internal import NeuralNetwork
internal import Volume

/// Trains a network on patches that are simulated as they are needed.
///
/// A step makes its patches on all cores and lets the network fill their gaps. The same recipe gives the same weights for
/// the same number of threads.
public final class Trainer {
    /// How far a training has come.
    public struct Progress: Codable, Sendable {
        public var step: Int
        public var steps: Int
        public var patchesPerSecond: Double
        /// Squared error in the gap in units of its variance, over the last steps.
        public var error: Double
    }

    public let recipe: TrainingRecipe
    private let directory: String
    private let source: any PatchSource
    private let task: any NetworkTask
    private let graph: NetworkGraph
    private let precision: Precision
    private let validation: Validation
    public let curve: LearningCurve
    private var state: TrainingState
    private var plans: [TrainingRecipe.Batch: NetworkPlan] = [:]
    /// The last steps that changed nothing.
    private var stepsWithoutEffect = 0
    /// A single step may meet a gradient that is not finite; so many do not by chance.
    private static let mostStepsWithoutEffect = 20

    private static func checkpoint(in directory: String) -> String { "\(directory)/checkpoint.safetensors" }

    /// Whether a training in a directory can be gone on with.
    public static func hasCheckpoint(in directory: String) -> Bool {
        FileManager.default.fileExists(atPath: checkpoint(in: directory))
    }

    /// Where ``run(report:)`` leaves the weights.
    public var weightsPath: String { "\(directory)/\(recipe.name).safetensors" }

    /// - Parameters:
    ///   - directory: where the checkpoint, the learning curve and the weights go; made where it is missing.
    ///   - resume: go on from the checkpoint there.
    public init(recipe: TrainingRecipe, directory: String, resume: Bool) throws {
        self.recipe = recipe
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let task = recipe.task
        self.task = task
        graph = task.graph
        source = recipe.source(seed: recipe.seed)
        precision = recipe.precision.precision
        curve = LearningCurve(path: "\(directory)/curve.csv")
        state =
            resume
            ? try TrainingState(from: Self.checkpoint(in: directory), graph: graph, seed: recipe.seed)
            : TrainingState(
                try recipe.start.map(task.parameters) ?? task.initialParameters(seed: recipe.seed), seed: recipe.seed)
        if !resume { try curve.begin() }
        validation = Validation(recipe, task: task)
    }

    /// Trains to the recipe's last step, and writes the weights.
    ///
    /// - Parameter report: called after each step.
    /// - Returns: the last scores.
    public func run(report: (Progress) -> Void) throws -> [Validation.Score] {
        var clock = ContinuousClock.now
        var unsaved = 0.0
        var recent = Recent()
        var last: [Validation.Score]?
        while state.step < recipe.steps {
            let batch = recipe.batch(ofStep: state.step)
            let errors = try step(batch)
            let now = ContinuousClock.now
            let seconds = (now - clock) / .seconds(1)
            clock = now
            state.seconds += seconds
            unsaved += seconds
            recent.add(errors, seconds: seconds)
            report(recent.progress(step: state.step, steps: recipe.steps))
            if state.step % recipe.validation.everySteps == 0 || state.step == recipe.steps {
                let scores = try scores()
                try curve.add(scores, step: state.step, seconds: state.seconds, error: recent.error)
                if state.step == recipe.steps { last = scores }
            }
            if unsaved > recipe.checkpointMinutes * 60 {
                try state.write(to: Self.checkpoint(in: directory))
                unsaved = 0
            }
        }
        try state.write(to: Self.checkpoint(in: directory))
        try task.write(
            state.average, name: recipe.name,
            facts: [
                "steps": "\(state.step)", "seed": "\(recipe.seed)",
                "patches": "\((0..<state.step).reduce(0) { $0 + recipe.batch(ofStep: $1).patches })",
                "hours": String(format: "%.2f", state.seconds / 3600),
            ], to: weightsPath)
        return try last ?? scores()
    }

    private func scores() throws -> [Validation.Score] {
        try validation.scores(graph, state.average, precision: precision)
    }

    /// One step of the optimiser; gives each patch's error.
    private func step(_ batch: TrainingRecipe.Batch) throws -> [Double] {
        // Numbered by step, so that a training that is resumed sees no patch twice.
        let first = state.step * recipe.largestBatch
        let examples = concurrentMap(first..<first + batch.patches) { index in
            task.example(source.patch(index, shape: batch.shape, gaps: batch.gaps), seen: batch.seen)
        }
        let plan = try plan(for: batch)
        let errors = plan.learn(examples, with: state.parameters)
        let learnt = plan.withGradients { gradients in
            state.update(
                gradients: gradients, learningRate: Float(recipe.learningRate(ofStep: state.step)),
                clipNorm: Float(recipe.clipNorm), averageSteps: recipe.averageSteps)
        }
        stepsWithoutEffect = learnt ? 0 : stepsWithoutEffect + 1
        guard stepsWithoutEffect < Self.mostStepsWithoutEffect else {
            throw TrainingError(
                path: weightsPath,
                problem: "nothing learnt in the last \(stepsWithoutEffect) of \(state.step) steps: their gradients are "
                    + "not finite. A lower learning_rate or `precision: float32` may help")
        }
        return errors
    }

    private func plan(for batch: TrainingRecipe.Batch) throws -> NetworkPlan {
        if let known = plans[batch] { return known }
        let plan = try NetworkPlan(
            graph, batch: batch.patches, extents: Extent3(batch.seen), precision: precision, training: true)
        plans[batch] = plan
        return plan
    }
}

/// Sums over the last steps, older ones fading.
private struct Recent {
    private var errors = 0.0
    private var patches = 0.0
    private var seconds = 0.0
    private static let fade = 0.995

    var error: Double { errors / max(1e-9, patches) }

    mutating func add(_ new: [Double], seconds newSeconds: Double) {
        errors = errors * Self.fade + new.reduce(0, +)
        patches = patches * Self.fade + Double(new.count)
        seconds = seconds * Self.fade + newSeconds
    }

    func progress(step: Int, steps: Int) -> Trainer.Progress {
        Trainer.Progress(step: step, steps: steps, patchesPerSecond: patches / max(seconds, 1e-9), error: error)
    }
}
