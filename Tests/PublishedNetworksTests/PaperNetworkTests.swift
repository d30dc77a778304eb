import Detectors
import Diffraction
import Foundation
import Inpainting
import NeuralNetwork
import Testing
import Volume
import WorkMessages

@testable import PublishedNetworks

/// The paper's network: what it is told, what it learns by, and how it fills.
@Suite struct PaperNetworkTests {
    private static let shape = VolumeShape(frames: 32, rows: 32, columns: 40)
    private static let model = PaperModel(
        name: "untrained", parameters: ParameterSet(.paper3D(), seed: 1), facts: [:])

    private static func counts(_ shape: VolumeShape) -> Volume<Float> {
        var generator = SeededGenerator(seed: 5)
        let counts = (0..<shape.count).map { _ in Float(generator.uniform(in: 0...90).rounded()) }
        return Volume(shape: shape, storage: counts)
    }

    private static func block(_ shape: VolumeShape, rows: Range<Int>?, columns: Range<Int>?) -> FrameBlock {
        var mask = PixelMask(shape: shape.frame)
        if let rows { mask.mask(rows: rows) }
        if let columns { mask.mask(columns: columns) }
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        return FrameBlock(data: counts(shape), plans: [GapPlan](repeating: plan, count: shape.frames))
    }

    @Test func measuredVoxelsSpanTheScaleAndHiddenOnesAreEmpty() throws {
        let block = Self.block(Self.shape, rows: nil, columns: 17..<23)
        let logs = Volume(shape: Self.shape, storage: block.data.storage.map { log1p($0) })
        let mask = block.plans[0].mask
        let patch = ScaledPatch(logs: logs, masks: block.plans.map(\.mask))
        let measured = patch.voxels.indices.filter { !mask.storage[$0 % mask.shape.count] }
        let scaled = measured.map { patch.voxels[$0] }
        #expect(scaled.min() == 0)
        #expect(scaled.max() == 1)
        #expect(patch.voxels.indices.allSatisfy { !mask.storage[$0 % mask.shape.count] || patch.voxels[$0] == 0 })
        let voxel = try #require(measured.last)
        #expect(abs(patch.log(patch.voxels[voxel]) - logs.storage[voxel]) < 1e-5)
        #expect(patch.scaled(patch.log(0.3)).isNearly(0.3))
    }

    @Test func aPatchWithoutContrastIsNotDividedByNothing() {
        let logs = Volume<Float>(shape: VolumeShape(frames: 1, rows: 2, columns: 2), repeating: 3)
        let patch = ScaledPatch(logs: logs, masks: [PixelMask(shape: logs.shape.frame)])
        #expect(patch.voxels.allSatisfy { $0.isFinite })
    }

    /// The gradient that is written for some outputs, against the slope of the loss.
    @Test func theGradientOfTheLossIsItsSlopeAndOnlyTheGapPulls() {
        let shape = VolumeShape(frames: 3, rows: 16, columns: 17)
        let counts = Self.counts(shape)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 7..<11)
        let example = PaperExample(counts: counts, mask: mask)
        var generator = SeededGenerator(seed: 2)
        let output = (0..<shape.count).map { _ in Float(generator.uniform(in: 0.1...0.9)) }
        let (_, gradient) = Self.evaluate(example, output)
        for voxel in gradient.indices where !mask.storage[voxel % mask.shape.count] { #expect(gradient[voxel] == 0) }

        let direction = output.map { _ in Float(generator.uniform(in: -1...1)) }
        let step: Float = 1e-3
        let above = Self.evaluate(example, zip(output, direction).map { $0 + step * $1 }).loss
        let below = Self.evaluate(example, zip(output, direction).map { $0 - step * $1 }).loss
        let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let scale = zip(gradient, direction).reduce(0) { $0 + abs($1.0 * $1.1) }
        #expect(abs((above - below) / (2 * step) - expected) < 2e-3 * scale + 1e-3)
    }

    @Test func whatWasCountedInTheGapIsNotToldButIsTheTruth() {
        let shape = VolumeShape(frames: 2, rows: 16, columns: 16)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(rows: 6..<9)
        var counts = Self.counts(shape)
        let told = PaperExample(counts: counts, mask: mask)
        counts[1, 7, 3] = 1e6
        let other = PaperExample(counts: counts, mask: mask)
        #expect(told.features == other.features)
        let output = [Float](repeating: 0.5, count: shape.count)
        #expect(Self.evaluate(told, output).loss != Self.evaluate(other, output).loss)
    }

    @Test(arguments: [0, 4, 31])
    func everyVoxelOfEveryBandIsSeenFromItsMiddle(skippedPixels: Int) {
        let shape = VolumeShape(frames: 35, rows: 50, columns: 47)
        let block = Self.block(shape, rows: 20..<26, columns: 30..<33)
        let patches = PaperNetwork.patches(of: block, skippedPixels: skippedPixels)
        #expect(Set(patches).count == patches.count)
        #expect(patches.allSatisfy { $0.shape == PaperNetwork.patch })
        var seen = Volume<UInt8>(shape: shape, repeating: 0)
        for patch in patches {
            let isCentred = patch.rows.lowerBound == 20 - 16 + 3 || patch.columns.lowerBound == 47 - 32
            #expect(isCentred)
            for frame in patch.frames {
                for row in patch.rows { for column in patch.columns { seen[frame, row, column] = 1 } }
            }
        }
        for frame in 0..<shape.frames {
            for pixel in block.plans[0].fillable.storage.indices where block.plans[0].fillable.storage[pixel] {
                #expect(seen.storage[frame * shape.frame.count + pixel] == 1)
            }
        }
    }

    @Test func measuredVoxelsStayAndHiddenOnesAreNotLookedAt() {
        let filler = PaperFiller(model: Self.model, skippedPixels: 7)
        var block = Self.block(Self.shape, rows: 9..<12, columns: 17..<23)
        var other = block
        let before = block.data
        let mask = block.plans[0].mask
        for voxel in other.data.storage.indices where mask.storage[voxel % mask.shape.count] {
            other.data.storage[voxel] = 777
        }
        filler.fill(&block)
        filler.fill(&other)
        #expect(block.data == other.data)
        let measured = before.storage.indices.filter { !mask.storage[$0 % mask.shape.count] }
        #expect(measured.allSatisfy { block.data.storage[$0] == before.storage[$0] })
        #expect(block.data.storage.allSatisfy { $0.isFinite && $0 >= 0 })
    }

    @Test func onePatchIsFilledByWhatTheNetworkSaysOfIt() throws {
        let shape = PaperNetwork.patch
        var block = Self.block(shape, rows: nil, columns: 13..<19)
        let logs = Volume(shape: shape, storage: block.data.storage.map { log1p($0) })
        let scaled = ScaledPatch(logs: logs, masks: block.plans.map(\.mask))
        let plan = try NetworkPlan(.paper3D(), batch: 1, extents: 32, precision: .automatic)
        plan.load(Self.model.parameters)
        plan.setInput([scaled.voxels])
        plan.forward()
        let output = plan.withOutput { Array($0) }
        PaperFiller(model: Self.model).fill(&block)
        for voxel in [13, 32 * 40 + 18, shape.count - 32 + 15] {
            #expect(log1p(block.data.storage[voxel]).isNearly(scaled.log(output[voxel])))
        }
    }

    @Test func whatNoPatchCanBeCentredOnIsInterpolated() {
        for (shape, columns) in [
            (Self.shape, 10..<26), (VolumeShape(frames: 20, rows: 40, columns: 40), 10..<14),
        ] {
            var block = Self.block(shape, rows: nil, columns: columns)
            var linear = block
            PaperFiller(model: Self.model).fill(&block)
            Interpolation(.linear).fill(&linear)
            #expect(block.data == linear.data)
        }
    }

    @Test func weightsAreWrittenAndRead() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "paper-\(UUID().uuidString).safetensors")
            .path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var model = Self.model
        model.facts["steps"] = "3"
        try model.write(to: path)
        let read = try PaperModel(contentsOf: path)
        #expect(read.name == "untrained" && read.facts == ["steps": "3"])
        #expect(zip(read.parameters.values, model.parameters.values).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(throws: ModelError.self) { try GapModel(contentsOf: path) }
    }

    /// The loss, of which the example gives the gradient only, by its definition; and that gradient.
    private static func evaluate(_ example: PaperExample, _ output: [Float]) -> (loss: Float, gradient: [Float]) {
        var gradient = [Float](repeating: 0, count: output.count)
        let loss = output.withUnsafeBufferPointer { output in
            gradient.withUnsafeMutableBufferPointer { example.loss(output: output, gradient: $0, share: 1) }
        }
        return (loss, gradient)
    }
}

extension Float {
    fileprivate func isNearly(_ other: Float) -> Bool { abs(self - other) < 1e-4 * max(1, abs(other)) }
}
