import Inpainting
import NeuralNetwork
import PublishedNetworks
import Testing

@testable import Training

/// Small patterns and the smallest network.
@Suite struct PlanarTrainingTests {
    private var training: PlanarTraining {
        var training = PlanarTraining(network: .msdNet, seed: 2)
        training.extent = 32
        training.patternsPerStep = 2
        training.learningRate = 1e-3
        return training
    }

    @Test func aFewStepsLowerTheLoss() throws {
        let result = try training.run(.steps(30))
        #expect(result.steps == 30 && result.patterns == 60 && result.errors.count == 3)
        #expect(result.errors[2] < 0.7 * result.errors[0])
    }

    @Test func theSameStepsGiveTheSameWeights() throws {
        let weights = try (0..<2).map { _ in try training.run(.steps(3)).model.parameters }
        #expect(weights[0] == weights[1])
        var other = training
        other.loss = .absolute
        #expect(try other.run(.steps(3)).model.parameters != weights[0])
    }

    @Test func timeEndsATraining() throws {
        var shares: [Double] = []
        let result = try training.run(.seconds(0.5)) { shares.append($0) }
        #expect(result.steps == shares.count && result.seconds >= 0.5)
        #expect(shares.last == 1 && shares == shares.sorted())
    }
}
