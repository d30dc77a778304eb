import Diffraction
import Foundation
import NeuralNetwork
import TestSupport
import Testing
import Volume
import WorkMessages

@testable import Inpainting

/// What the shipped network and kriging make of gaps in simulated patterns, against what was there.
@Suite struct ShippedNetworkTests {
    private func network() throws -> NetworkFiller {
        NetworkFiller(model: try GapModel(contentsOf: "\(Package.root)/Config/models/gap.safetensors"))
    }

    /// A block of frames with a gap, in which nothing stands.
    private func block(_ counts: Volume<Float>, mask: PixelMask) -> FrameBlock {
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        var block = FrameBlock(data: counts, plans: [GapPlan](repeating: plan, count: counts.shape.frames))
        for voxel in counts.storage.indices where mask.storage[voxel % counts.shape.frame.count] {
            block.data.storage[voxel] = 0
        }
        return block
    }

    /// The correlation of log(1+I) in the gaps of some patches, on average.
    private func correlation(_ filler: any GapFiller, width: Int) -> Double {
        let stream = PatchStream(recipe: PatchRecipe(seed: 11))
        let shape = VolumeShape(frames: 32, rows: 32, columns: 32)
        let correlations = (0..<16).compactMap { index -> Double? in
            let patch = stream.patch(
                index, shape: shape, gap: .centredBand(width: width, axis: .columns, in: shape.frame))
            var filled = block(patch.counts, mask: patch.mask)
            filler.fill(&filled)
            var correlation = Correlation()
            for voxel in 0..<shape.count where patch.mask.storage[voxel % shape.frame.count] {
                correlation.add(
                    log1p(Double(patch.counts.storage[voxel])), log1p(Double(filled.data.storage[voxel])))
            }
            return correlation.pearson
        }
        return correlations.reduce(0, +) / Double(correlations.count)
    }

    @Test(arguments: [6, 12]) func theShippedNetworkIsBetterThanKriging(width: Int) throws {
        let (network, kriging) = try (correlation(network(), width: width), correlation(Kriging(), width: width))
        #expect(network > kriging, "\(network) and \(kriging)")
    }

    /// The network tells what kriging alone makes of a block, as kriging itself does.
    @Test func oneFillTellsBothEstimates() throws {
        let stream = PatchStream(recipe: PatchRecipe(seed: 12))
        let shape = VolumeShape(frames: 24, rows: 40, columns: 60)
        let patch = stream.patch(0, shape: shape, gap: .centredBand(width: 6, axis: .columns, in: shape.frame))
        var (both, corrected) = (block(patch.counts, mask: patch.mask), block(patch.counts, mask: patch.mask))
        var kriged = corrected
        let network = try network()
        let beside = network.fillAndKrige(&both)
        network.fill(&corrected)
        Kriging().fill(&kriged)
        #expect(
            both.data.storage == corrected.data.storage && both.errors?.storage.count == corrected.errors?.storage.count
        )
        #expect(beside.data.storage == kriged.data.storage)
        #expect(corrected.data.storage != kriged.data.storage)
    }

    /// Some two thirds of the counts lie within the stated errors, and nine of ten within twice these.
    @Test(arguments: [6, 12]) func theStatedErrorsHold(width: Int) throws {
        let shape = VolumeShape(frames: 40, rows: 64, columns: 64)
        let truths = ([3, 4, 5] as [UInt64]).map { seed in
            var parameters = ScanParameters(shape: shape, oversampling: 3.2, brightness: .peak(1e5), seed: seed)
            parameters.strain = 1
            let counts = ScanSimulation(.random, parameters: parameters).volumes().counts
            return Volume(shape: shape, storage: counts.storage.map { Float($0) })
        }
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 34..<34 + width)
        for (name, filler) in [("network", try network()), ("kriging", Kriging())] as [(String, any GapFiller)] {
            var (one, two, voxels) = (0.0, 0.0, 0.0)
            for truth in truths {
                var filled = block(truth, mask: mask)
                filler.fill(&filled)
                let errors = try #require(filled.errors)
                for voxel in 0..<shape.count where mask.storage[voxel % shape.frame.count] {
                    let difference = abs(filled.data.storage[voxel] - truth.storage[voxel])
                    voxels += 1
                    if difference <= errors.storage[voxel] { one += 1 }
                    if difference <= 2 * errors.storage[voxel] { two += 1 }
                }
            }
            #expect(one / voxels > 0.55 && one / voxels < 0.83, "\(name): \(one / voxels) within one error")
            #expect(two / voxels > 0.82 && two / voxels < 0.985, "\(name): \(two / voxels) within two errors")
        }
    }
}
