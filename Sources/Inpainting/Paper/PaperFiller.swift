internal import Detectors
internal import Foundation
internal import NeuralNetwork
internal import Volume
internal import WorkMessages

/// Fills gaps by the network of the paper, patch by patch; a rival for studies.
///
/// A patch is centred on a gap and moved along it; where patches overlap, their estimates of log(1+I) are averaged. What
/// no patch can be centred on is interpolated. There is no uncertainty.
///
/// Source: Masto et al. 2024, section 2.6.
public final class PaperFiller: GapFiller {
    public var failure: (any Error)? { plans.failure }

    private let skippedPixels: Int
    private let plans: PlanShelf

    /// Patches that are in memory at once.
    private static let group = 64

    /// - Parameter skippedPixels: between one place of the patch and the next, at least 0.
    public init(model: PaperModel, skippedPixels: Int = 0) {
        self.skippedPixels = skippedPixels
        plans = PlanShelf(.paper3D(), model.parameters)
    }

    public func fill(_ block: inout FrameBlock) {
        let source = block
        let logs = Volume(shape: block.data.shape, storage: block.data.storage.map { log1p($0) })
        Interpolation(.linear).fill(&block)
        let patches = PaperNetwork.patches(of: source, skippedPixels: skippedPixels)
        var sums = [Float](repeating: 0, count: logs.shape.count)
        var counts = sums
        for first in stride(from: 0, to: patches.count, by: Self.group) {
            let group = first..<min(first + Self.group, patches.count)
            let answers = concurrentMap(group) { estimates(patches[$0], logs: logs, of: source) }
            for (voxel, log) in answers.joined() {
                sums[voxel] += log
                counts[voxel] += 1
            }
        }
        for voxel in sums.indices where counts[voxel] > 0 {
            block.data.storage[voxel] = max(0, expm1(sums[voxel] / counts[voxel]))
        }
    }

    /// log(1+I) in the fillable voxels of one patch with their positions in the block, on the calling thread.
    private func estimates(
        _ patch: KrigingTile, logs: Volume<Float>, of block: FrameBlock
    ) -> [(voxel: Int, log: Float)] {
        let masks = patch.masks(of: block)
        let scaled = ScaledPatch(logs: patch.crop(logs), masks: masks.masked)
        guard let plan = plans.borrow(patch.shape) else { return [] }
        defer { plans.giveBack(plan, patch.shape) }
        plan.setInput([scaled.voxels])
        plan.forward()
        return plan.withOutput { output in
            var estimates: [(voxel: Int, log: Float)] = []
            for (frame, mask) in masks.fillable.enumerated()
            where block.frames.contains(patch.frames.lowerBound + frame) {
                for pixel in mask.storage.indices where mask.storage[pixel] {
                    let (row, column) = (pixel / mask.shape.columns, pixel % mask.shape.columns)
                    let line = logs.rowBase(frame: patch.frames.lowerBound + frame, row: patch.rows.lowerBound + row)
                    estimates.append(
                        (line + patch.columns.lowerBound + column, scaled.log(output[frame * mask.shape.count + pixel]))
                    )
                }
            }
            return estimates
        }
    }
}
