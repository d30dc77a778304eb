import Foundation
import Inpainting
import NeuralNetwork
import PublishedNetworks
import Settings
import Testing

@testable import Training

@Suite struct TrainerTests {
    private static let recipe = """
        version: 1
        name: small
        seed: 3
        families: [cube]
        network: {channels: [16, 16, 16], blocks: [0, 0, 1]}
        precision: float32
        steps: 4
        learning_rate: 1.0e-3
        cool_down_steps: 2
        average_steps: 3
        batches:
          - {extents: [16, 16, 16], patches: 2, gaps: narrow, share: 2}
          - {extents: [16, 16, 24], patches: 1, gaps: irregular}
        validation: {every_steps: 2, windows: 2, widths: [3]}
        """

    private func directory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(path: "training-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    private func train(_ text: String, in directory: URL, resume: Bool = false) throws -> Data {
        let file = directory.appending(path: "recipe.yaml")
        try Data(text.utf8).write(to: file)
        let recipe = try TrainingRecipe(contentsOf: file.path())
        let trainer = try Trainer(recipe: recipe, directory: directory.path(), resume: resume)
        _ = try trainer.run { _ in }
        return try Data(contentsOf: directory.appending(path: "small.safetensors"))
    }

    @Test func theSameRecipeGivesTheSameWeights() throws {
        let directories = [try directory(), try directory()]
        defer { for directory in directories { try? FileManager.default.removeItem(at: directory) } }
        let weights = try directories.map { directory in
            _ = try train(Self.recipe, in: directory)
            return try checkpoint(directory)
        }
        #expect(weights[0] == weights[1])
    }

    @Test func aTrainingThatIsResumedGoesOnAsIfItHadNotStopped() throws {
        let (whole, parts) = (try directory(), try directory())
        defer { for directory in [whole, parts] { try? FileManager.default.removeItem(at: directory) } }
        _ = try train(Self.recipe.replacing("cool_down_steps: 2", with: "cool_down_steps: 0"), in: whole)
        let half = Self.recipe.replacing("steps: 4", with: "steps: 2")
            .replacing("cool_down_steps: 2", with: "cool_down_steps: 0")
        _ = try train(half, in: parts)
        _ = try train(
            Self.recipe.replacing("cool_down_steps: 2", with: "cool_down_steps: 0"), in: parts, resume: true)
        #expect(try checkpoint(whole) == checkpoint(parts))
    }

    @Test func aTrainingCanStartFromWeights() throws {
        let (first, second) = (try directory(), try directory())
        defer { for directory in [first, second] { try? FileManager.default.removeItem(at: directory) } }
        _ = try train(Self.recipe, in: first)
        let weights = first.appending(path: "small.safetensors").path()
        _ = try train(Self.recipe + "\nstart: \(weights)", in: second)
        #expect(try checkpoint(first) != checkpoint(second))
        let other = Self.recipe.replacing("blocks: [0, 0, 1]", with: "blocks: [0, 0, 2]") + "\nstart: \(weights)"
        #expect(throws: TrainingError.self) { try train(other, in: second) }
    }

    @Test func everyValidationIsALineOfTheCurve() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try train(Self.recipe, in: directory)
        let curve = try String(contentsOf: directory.appending(path: "curve.csv"), encoding: .utf8)
        #expect(curve.split(separator: "\n").map { $0.prefix(2) } == ["st", "2,", "4,"])
    }

    @Test func anotherNetworksCheckpointIsRefused() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try train(Self.recipe, in: directory)
        #expect(throws: (any Error).self) {
            try train(Self.recipe.replacing("[16, 16, 16]", with: "[16, 16, 32]"), in: directory, resume: true)
        }
        #expect(throws: TrainingError.self) {
            try train(Self.recipe.replacing("seed: 3", with: "seed: 4"), in: directory, resume: true)
        }
    }

    @Test func aTrainingThatLearnsNothingMoreStops() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let error = #expect(throws: TrainingError.self) {
            try train(
                Self.recipe.replacing("learning_rate: 1.0e-3", with: "learning_rate: 1")
                    .replacing("precision: float32", with: "precision: float32\nclip_norm: 1.0e6")
                    .replacing("steps: 4", with: "steps: 400"),
                in: directory)
        }
        #expect(error?.problem.contains("not finite") == true)
    }

    @Test func thePapersNetworkIsTrainedLikewise() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let recipe = Self.recipe.replacing(
            "network: {channels: [16, 16, 16], blocks: [0, 0, 1]}", with: "architecture: paper"
        )
        .replacing("[16, 16, 24]", with: "[16, 16, 32]").replacing("steps: 4", with: "steps: 2")
        _ = try train(recipe, in: directory)
        let weights = directory.appending(path: "small.safetensors").path()
        #expect(try PaperModel(contentsOf: weights).facts["steps"] == "2")
        _ = try train(recipe + "\nstart: \(weights)", in: directory)
        #expect(throws: ModelError.self) { try train(Self.recipe + "\nstart: \(weights)", in: directory) }
    }

    @Test func aNetworkForImagesIsTrainedLikewise() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let recipe = """
            version: 1
            name: small
            seed: 3
            architecture: msd-net
            loss: mse
            steps: 2
            learning_rate: 1.0e-3
            batches:
              - {extents: [1, 32, 32], patches: 2, gaps: seams}
            validation: {every_steps: 2, windows: 1, widths: [6]}
            """
        _ = try train(recipe, in: directory)
        let model = try PlanarModel(contentsOf: directory.appending(path: "small.safetensors").path())
        #expect(model.network == .msdNet && model.facts["loss"] == "mse" && model.facts["steps"] == "2")
    }

    /// The tensors of a checkpoint, without the time that was spent.
    private func checkpoint(_ directory: URL) throws -> [String: SafeTensors.Tensor] {
        try SafeTensors(path: directory.appending(path: "checkpoint.safetensors").path()).tensors
    }
}
