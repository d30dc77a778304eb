internal import Foundation
public import NeuralNetwork
public import Volume

/// One patch for the networks of the paper and the thesis to learn from, and its loss.
///
/// The loss is a sum of means over the gap on the scale of the patch. It looks at the patch as it would be filled: outside
/// of the gap, the measured voxels stand.
///
/// Source: Masto et al. 2024, section 2.3.
public struct PaperExample: Sendable {
    private let patch: ScaledPatch
    private let shape: VolumeShape
    /// What was counted, on the patch's scale.
    private let truth: [Float]
    /// 1 in the gap, 0 elsewhere.
    private let weights: [Float]
    /// Positions in the patch, frame by frame, row-major.
    private let gap: [Int]
    /// Brings a squared error on the patch's scale to units of the gap's variance.
    private let errorScale: Float

    private let losses: [any Loss]

    /// - Parameters:
    ///   - counts: (frame, row, column); those in the gap are the truth.
    ///   - mask: the gap of all frames.
    public init(counts: Volume<Float>, mask: PixelMask, loss: ImageLoss = .paper) {
        losses = loss.terms
        let logs = Volume(shape: counts.shape, storage: counts.storage.map { log1p($0) })
        let patch = ScaledPatch(logs: logs, masks: [PixelMask](repeating: mask, count: counts.shape.frames))
        self.patch = patch
        shape = counts.shape
        truth = logs.storage.map(patch.scaled)
        let pixels = mask.storage.indices.filter { mask.storage[$0] }
        gap = (0..<counts.shape.frames).flatMap { frame in pixels.map { frame * mask.shape.count + $0 } }
        var weights = [Float](repeating: 0, count: truth.count)
        for voxel in gap { weights[voxel] = 1 }
        self.weights = weights
        let measured = gap.map { logs.storage[$0] }
        let mean = measured.reduce(0, +) / Float(max(1, gap.count))
        let variance = measured.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(max(1, gap.count))
        errorScale = patch.range * patch.range / max(GapExample.leastVariance, variance)
    }

    /// What the network is told.
    public var features: [Float] { patch.voxels }

    /// The loss multiplied by `share`, and its gradient, which is added.
    func loss(
        output: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>, share: Float
    ) -> Float {
        var filled = truth
        for voxel in gap { filled[voxel] = output[voxel] }
        let shape = TensorShape(batch: 1, extents: Extent3(shape), channels: 1)
        let loss = filled.withUnsafeBufferPointer { filled in
            truth.withUnsafeBufferPointer { truth in
                weights.withUnsafeBufferPointer { weights in
                    let comparison = Comparison(shape: shape, prediction: filled, truth: truth, weights: weights)
                    return losses.reduce(0) { $0 + $1.add(comparison, scale: share, to: gradient) }
                }
            }
        }
        // Measured voxels stand, whatever the network says of them.
        for voxel in weights.indices where weights[voxel] == 0 { gradient[voxel] = 0 }
        return loss
    }

    /// Adds the gradient of the loss, multiplied by `share`, and gives the squared error in units of the gap's variance.
    public func add(
        output: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>, share: Float
    ) -> Double {
        _ = loss(output: output, gradient: gradient, share: share)
        let error = gap.reduce(0) { $0 + (output[$1] - truth[$1]) * (output[$1] - truth[$1]) }
        return Double(error * errorScale) / Double(max(1, gap.count))
    }

    /// What an output of the network says of log(1+I) in the gap, in the order of its voxels.
    public func logs(_ output: UnsafeBufferPointer<Float>) -> [Float] { gap.map { patch.log(output[$0]) } }
}
