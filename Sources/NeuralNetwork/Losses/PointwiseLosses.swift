internal import Foundation

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
