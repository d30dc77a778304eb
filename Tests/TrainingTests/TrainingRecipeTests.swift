import Diffraction
import Foundation
import Settings
import Testing

@testable import Training

@Suite struct TrainingRecipeTests {
    private func recipe(_ changes: (old: String, new: String)...) throws -> TrainingRecipe {
        var text = """
            version: 1
            name: test
            seed: 3
            steps: 100
            learning_rate: 1.0e-3
            warm_up_steps: 10
            cool_down_steps: 20
            batches:
              - {extents: [32, 32, 32], patches: 8, gaps: narrow, share: 3}
              - {extents: [32, 48, 96], patches: 2, gaps: wide, share: 1}
            validation: {every_steps: 50, windows: 4, widths: [6]}
            """
        for change in changes { text = text.replacing(change.old, with: change.new) }
        let file = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        return try TrainingRecipe(contentsOf: file.path())
    }

    @Test(arguments: ["gap-1", "gap-2", "gap-4", "gap-6", "paper", "paper-2", "unet"])
    func theShippedRecipesCanBeRead(name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let recipe = try TrainingRecipe(contentsOf: root.appending(path: "Config/training/\(name).yaml").path())
        #expect(!recipe.batches.isEmpty)
    }

    @Test func theModelCardSaysHowManyPatchesTheRecipesGive() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let card = try String(contentsOf: root.appending(path: "Config/models/README.md"), encoding: .utf8)
        let line = try #require(card.split(separator: "\n").first { $0.hasPrefix("| recipe |") })
        let names = line.matches(of: /training\/(?<name>[a-z0-9-]+)\.yaml/).map { String($0.name) }
        let patches = try names.reduce(0) { sum, name in
            let recipe = try TrainingRecipe(contentsOf: root.appending(path: "Config/training/\(name).yaml").path())
            return (0..<recipe.steps).reduce(sum) { $0 + recipe.batch(ofStep: $1).patches }
        }
        let said = try #require(line.firstMatch(of: /(?<number>[0-9][0-9 ]+) patches/)).number
        #expect(Int(said.replacing(" ", with: "")) == (patches + 50) / 100 * 100, "\(names): \(patches)")
    }

    @Test func stepsAreSharedOut() throws {
        let recipe = try recipe()
        let wide = (0..<100).count { recipe.batch(ofStep: $0).gaps == .wide }
        #expect(wide == 25)
    }

    @Test func theLearningRateGoesUpAndDown() throws {
        let recipe = try recipe()
        let rates = (0..<100).map(recipe.learningRate)
        #expect(abs(rates[0] - 1e-4) < 1e-9)
        #expect(rates[10..<80].allSatisfy { abs($0 - 1e-3) < 1e-9 })
        #expect(abs(rates[99] - 5e-5) < 1e-9)
    }

    @Test(arguments: [
        ("steps: 100", "steps: many", "steps"), ("gaps: wide", "gaps: huge", "batches[1].gaps"),
        ("[32, 48, 96]", "[32, 48]", "batches[1].extents"), ("name: test", "names: test", "name"),
        ("[32, 48, 96]", "[32, 48, 90]", "batches[1].extents"),
        ("[32, 48, 96]", "[32, 48, 96], seen: [32, 48, 90]", "batches[1].seen"),
        ("[32, 48, 96]", "[32, 48, 96], seen: [32, 56, 96]", "batches[1].seen"),
        ("seed: 3", "seed: 3\narchitecture: another", "architecture"),
        ("seed: 3", "seed: 3\narchitecture: paper\nuncertainty_weight: 1", "uncertainty_weight"),
        ("seed: 3", "seed: 3\narchitecture: unet", "batches[0].extents"),
        ("seed: 3", "seed: 3\narchitecture: msd-net\nloss: hinge", "loss"),
        ("seed: 3", "seed: 3\nloss: mse", "loss"),
        ("seed: 3", "seed: 3\narchitecture: paper\nnetwork: {channels: [16, 16, 16], blocks: [0, 0, 1]}", "network"),
    ])
    func faultsNameTheirPlace(old: String, new: String, key: String) {
        let error = #expect(throws: SettingsError.self) { try recipe((old, new)) }
        #expect(error?.description.contains(key) == true)
    }
}
