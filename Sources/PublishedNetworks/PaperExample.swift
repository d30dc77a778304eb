internal import Foundation
internal import Inpainting
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

/// A patch as the paper's network is told of it: log(1+I) scaled to 0 ... 1 over the measured voxels, 0 in the gap.
///
/// Source: Masto et al. 2024, section 2.2, and the authors' program, which scales over the measured voxels.
struct ScaledPatch: Sendable {
    /// What the network is told of each voxel, (frame, row, column).
    private(set) var voxels: [Float]
    /// log(1+I) of 0 on the scale.
    let least: Float
    /// From 0 to 1 on the scale; above 0.
    let range: Float

    /// - Parameters:
    ///   - logs: log(1+I), (frame, row, column); what lies in the gap is not looked at.
    ///   - masks: the gap, one for each frame.
    init(logs: Volume<Float>, masks: [PixelMask]) {
        var (least, greatest) = (Float.infinity, -Float.infinity)
        for (frame, mask) in masks.enumerated() {
            for (log, isMasked) in zip(logs.storage[logs.range(ofFrame: frame)], mask.storage) where !isMasked {
                least = min(least, log)
                greatest = max(greatest, log)
            }
        }
        let isFlat = !(greatest > least)
        self.least = isFlat ? 0 : least
        range = isFlat ? 1 : greatest - least
        voxels = logs.storage.map { [least = self.least, range] in ($0 - least) / range }
        for (frame, mask) in masks.enumerated() {
            let first = frame * mask.shape.count
            for pixel in mask.storage.indices where mask.storage[pixel] { voxels[first + pixel] = 0 }
        }
    }

    /// Where a value of log(1+I) lies on the scale.
    func scaled(_ log: Float) -> Float { (log - least) / range }

    /// The value of log(1+I) at a place on the scale.
    func log(_ scaled: Float) -> Float { least + range * scaled }
}
