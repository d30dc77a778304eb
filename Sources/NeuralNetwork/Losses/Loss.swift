/// How far a network's output lies from the truth, and which way leads down.
public protocol Loss: Sendable {
    /// Adds the gradient by the prediction to `gradient` and gives the loss, both multiplied by `scale`.
    ///
    /// - Precondition: `gradient` has as many elements as the prediction.
    func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float
}

/// A prediction beside the truth, and where it counts.
///
/// The prediction is channels-last, (N, frame, row, column, channel); truth and weights have one number per voxel. The
/// buffers belong to the caller.
public struct Comparison {
    /// Of the prediction.
    public let shape: TensorShape
    public let prediction: UnsafeBufferPointer<Float>
    public let truth: UnsafeBufferPointer<Float>
    /// 0 where a voxel does not count, e.g. outside of the gap; at least 0 elsewhere.
    public let weights: UnsafeBufferPointer<Float>

    /// - Precondition: the buffers are as large as the shape says.
    public init(
        shape: TensorShape, prediction: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<Float>,
        weights: UnsafeBufferPointer<Float>
    ) {
        precondition(
            prediction.count == shape.count && truth.count == shape.voxels && weights.count == shape.voxels,
            "a comparison of \(prediction.count), \(truth.count) and \(weights.count) numbers")
        self.shape = shape
        self.prediction = prediction
        self.truth = truth
        self.weights = weights
    }

    /// The sum of all weights; 1 where all are zero, so that means stay finite.
    var totalWeight: Float {
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        return sum > 0 ? Float(sum) : 1
    }

    /// The weighted mean over all voxels of a function of prediction and truth, and its derivative.
    func addMean(
        channel: Int, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>,
        _ function: (_ prediction: Float, _ truth: Float) -> (value: Float, derivative: Float)
    ) -> Float {
        let share = scale / totalWeight
        var sum = 0.0
        for voxel in 0..<shape.voxels where weights[voxel] > 0 {
            let position = voxel * shape.channels + channel
            let (value, derivative) = function(prediction[position], truth[voxel])
            sum += Double(weights[voxel] * value)
            gradient[position] += share * weights[voxel] * derivative
        }
        return Float(sum) * share
    }
}
