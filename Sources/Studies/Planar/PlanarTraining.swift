internal import Foundation
internal import NeuralNetwork
public import PublishedNetworks
internal import Training
internal import Volume

/// How the networks of a two-dimensional study come by their weights.
public enum PlanarWeights: Sendable {
    /// They were trained before; in the order of the tables.
    case given([PlanarModel])
    case trained(PlanarTraining)
}

/// Trainings from scratch on the same patterns, each in a directory of its own, where its checkpoint, learning curve and
/// weights stay.
public struct PlanarTraining: Sendable {
    /// Above those of the trainings.
    public var directory: String
    /// Of each network.
    public var steps: Int
    public var seed: UInt64 = 0
    /// Rows and columns of the patterns.
    public var extent = PlanarNetwork.image.rows
    /// Whether a training that has a checkpoint goes on from it.
    public var resumes = false

    public init(directory: String, steps: Int) {
        self.directory = directory
        self.steps = steps
    }

    /// Trains one network, whose directory is called like it.
    ///
    /// - Returns: its weights and, as they were trained, its scores in gaps of 9 pixels.
    func run(
        _ network: PlanarNetwork, loss: ImageLoss, name: String, progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> (model: PlanarModel, curve: [LearningCurve.Entry]) {
        let directory = "\(directory)/\(name)"
        let recipe = TrainingRecipe(
            planar: network, loss: loss, name: name, seed: seed, extent: extent, steps: steps)
        let trainer = try Trainer(
            recipe: recipe, directory: directory, resume: resumes && Trainer.hasCheckpoint(in: directory))
        _ = try trainer.run { progress($0.step, $0.steps) }
        return (try PlanarModel(contentsOf: trainer.weightsPath), try trainer.curve.entries())
    }
}
