import Detectors
import Foundation
import Inpainting
import NeuralNetwork
import Testing
import Volume

@testable import PublishedNetworks

@Suite struct PlanarFillerTests {
    private var model: PlanarModel {
        PlanarModel(
            name: "test", network: .msdNet, parameters: ParameterSet(PlanarNetwork.msdNet.graph, seed: 1),
            facts: ["steps": "0"])
    }

    @Test func onlyTheGapIsFilledEachFrameOnItsOwn() {
        let shape = VolumeShape(frames: 2, rows: 32, columns: 64)
        let counts = Volume(shape: shape, storage: (0..<shape.count).map { Float($0 % 17) * 10 })
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 20..<26)
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        let filler = PlanarFiller(model: model)
        var both = FrameBlock(data: counts, plans: [plan, plan])
        filler.fill(&both)
        let second = Volume(
            shape: VolumeShape(frames: 1, frame: shape.frame), storage: Array(counts.storage[counts.range(ofFrame: 1)]))
        var alone = FrameBlock(data: second, plans: [plan])
        filler.fill(&alone)
        #expect(Array(both.data.storage[counts.range(ofFrame: 1)]) == alone.data.storage)
        for voxel in counts.storage.indices {
            if mask.storage[voxel % shape.frame.count] {
                // Its output lies between the least and the greatest that was measured.
                #expect((0...161).contains(both.data.storage[voxel]))
            } else {
                #expect(both.data.storage[voxel] == counts.storage[voxel])
            }
        }
        #expect(both.errors == nil)
    }

    @Test func aModelIsKeptInAFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "planar-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        try model.write(to: file.path())
        let read = try PlanarModel(contentsOf: file.path())
        #expect(read.name == "test" && read.network == .msdNet && read.facts == ["steps": "0"])
        #expect(zip(read.parameters.values, model.parameters.values).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(throws: ModelError.self) { try PaperModel(contentsOf: file.path()) }
    }
}
