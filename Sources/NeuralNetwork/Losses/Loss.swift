internal import Foundation

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

/// The losses that the thesis compares (section 4.3.2), each a sum of means over the gap of images.
public enum ImageLoss: String, CaseIterable, Sendable {
    /// The mean squared error.
    case squared = "mse"
    /// The mean absolute error.
    case absolute = "mae"
    /// 1 − SSIM.
    case structural = "ssim"
    /// Squared error, 1 − SSIM and the squared error of the differences between neighbours: the thesis' choice.
    case thesis = "mse+ssim+gradients"
    /// Absolute error, 1 − SSIM and the absolute error of the differences: the paper's choice (section 2.3).
    case paper = "mae+ssim+gradients"

    /// What is added up; on a scale of 0 ... 1.
    public var terms: [any Loss] {
        switch self {
        case .squared: [SquaredError()]
        case .absolute: [AbsoluteError()]
        case .structural: [StructuralDissimilarity()]
        case .thesis: [SquaredError(), StructuralDissimilarity(), DifferenceError(isSquared: true)]
        case .paper: [AbsoluteError(), StructuralDissimilarity(), DifferenceError()]
        }
    }
}

/// The mean of |Δp − Δt| or of its square over the differences Δ between neighbouring voxels along each axis longer than
/// one voxel.
///
/// A difference counts with the larger weight of its two voxels, so that those across the edge of a gap do.
public struct DifferenceError: Loss {
    /// The channel of the prediction that is compared.
    public var channel: Int
    /// Whether the differences' errors are squared.
    public var isSquared: Bool

    public init(channel: Int = 0, isSquared: Bool = false) {
        self.channel = channel
        self.isSquared = isSquared
    }

    public func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float {
        let extents = comparison.shape.extents
        let axes = [
            (extents.frames, extents.rows * extents.columns), (extents.rows, extents.columns), (extents.columns, 1),
        ]
        let long = axes.filter { $0.0 > 1 }
        return long.reduce(0) { sum, axis in
            sum + add(comparison, axis: axis, scale: scale / Float(long.count), to: gradient)
        }
    }

    /// - Parameter axis: its extent, and the voxels from one to the next along it.
    private func add(
        _ comparison: Comparison, axis: (extent: Int, step: Int), scale: Float,
        to gradient: UnsafeMutableBufferPointer<Float>
    ) -> Float {
        let channels = comparison.shape.channels
        let (prediction, truth, weights) = (comparison.prediction, comparison.truth, comparison.weights)
        /// Calls `body` for each pair of neighbours that counts.
        func forEachPair(_ body: (_ first: Int, _ second: Int, _ weight: Float) -> Void) {
            for voxel in 0..<comparison.shape.voxels where voxel / axis.step % axis.extent + 1 < axis.extent {
                let weight = max(weights[voxel], weights[voxel + axis.step])
                if weight > 0 { body(voxel, voxel + axis.step, weight) }
            }
        }
        var total = 0.0
        forEachPair { total += Double($2) }
        guard total > 0 else { return 0 }

        let share = scale / Float(total)
        var sum = 0.0
        forEachPair { first, second, weight in
            let (low, high) = (first * channels + channel, second * channels + channel)
            let error = (prediction[high] - prediction[low]) - (truth[second] - truth[first])
            let slope: Float = isSquared ? 2 * error : error > 0 ? 1 : error < 0 ? -1 : 0
            sum += Double(weight * (isSquared ? error * error : abs(error)))
            gradient[high] += share * weight * slope
            gradient[low] -= share * weight * slope
        }
        return Float(sum) * share
    }
}

/// The weighted mean of (p − t)².
public struct SquaredError: Loss {
    /// The channel of the prediction that is compared.
    public var channel: Int

    public init(channel: Int = 0) { self.channel = channel }

    public func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float {
        comparison.addMean(channel: channel, scale: scale, to: gradient) { prediction, truth in
            let difference = prediction - truth
            return (difference * difference, 2 * difference)
        }
    }
}

/// The weighted mean of |p − t|.
public struct AbsoluteError: Loss {
    /// The channel of the prediction that is compared.
    public var channel: Int

    public init(channel: Int = 0) { self.channel = channel }

    public func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float {
        comparison.addMean(channel: channel, scale: scale, to: gradient) { prediction, truth in
            let difference = prediction - truth
            return (abs(difference), difference > 0 ? 1 : difference < 0 ? -1 : 0)
        }
    }
}

/// The negative logarithm of a normal distribution, ((p − t)² / exp(s) + s) / 2, without its constant.
///
/// One channel of the prediction is its mean p, another the logarithm s of its variance.
public struct GaussianLikelihood: Loss {
    public var meanChannel: Int
    public var logVarianceChannel: Int
    /// Logarithms of the variance are taken as no smaller and no larger than these, where their gradient vanishes.
    public var logVarianceRange: ClosedRange<Float>

    public init(meanChannel: Int = 0, logVarianceChannel: Int = 1, logVarianceRange: ClosedRange<Float> = -14...14) {
        self.meanChannel = meanChannel
        self.logVarianceChannel = logVarianceChannel
        self.logVarianceRange = logVarianceRange
    }

    public func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float {
        let channels = comparison.shape.channels
        let share = scale / comparison.totalWeight
        var sum = 0.0
        for voxel in 0..<comparison.shape.voxels where comparison.weights[voxel] > 0 {
            let weight = comparison.weights[voxel]
            let mean = voxel * channels + meanChannel
            let logVariance = voxel * channels + logVarianceChannel
            let given = comparison.prediction[logVariance]
            let s = min(max(given, logVarianceRange.lowerBound), logVarianceRange.upperBound)
            let precision = exp(-s)
            let difference = comparison.prediction[mean] - comparison.truth[voxel]
            let square = difference * difference * precision
            sum += Double(weight * 0.5 * (square + s))
            gradient[mean] += share * weight * difference * precision
            if s == given { gradient[logVariance] += share * weight * 0.5 * (1 - square) }
        }
        return Float(sum) * share
    }
}
