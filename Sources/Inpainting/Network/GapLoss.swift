internal import Foundation
internal import NeuralNetwork

/// How far the network's answer for some patches is from the truth, and the gradient of that.
///
/// For each patch, the mean over the gap of two terms: the squared error of log(1+I) in units of the gap's variance,
/// and the Gaussian likelihood of what would be measured. The likelihood teaches the deviation only; the mean follows
/// the squared error, which is what a correlation is made of.
public struct GapLoss: Sendable {
    /// The weight of the likelihood.
    public var uncertaintyWeight: Float

    public init(uncertaintyWeight: Float) { self.uncertaintyWeight = uncertaintyWeight }

    /// The squared error in units of the gap's variance, averaged over patches, of the network and of kriging alone.
    public struct Value: Sendable {
        public var error = 0.0
        public var kriging = 0.0
        public var likelihood = 0.0
        public var patches = 0.0

        public init(error: Double = 0, kriging: Double = 0, likelihood: Double = 0, patches: Double = 0) {
            (self.error, self.kriging) = (error, kriging)
            (self.likelihood, self.patches) = (likelihood, patches)
        }

        public static func + (left: Value, right: Value) -> Value {
            Value(
                error: left.error + right.error, kriging: left.kriging + right.kriging,
                likelihood: left.likelihood + right.likelihood, patches: left.patches + right.patches)
        }
    }

    /// A ratio of squared error and variance above which a voxel does not pull harder.
    private static let largestRatio: Float = 20
    /// The same for the squared error in units of the gap's variance: beyond, the loss grows linearly (Huber 1964).
    private static let largestError: Float = 4

    /// Compares the answer of a plan for some patches, writes the gradient into the plan and propagates it.
    func backward(_ examples: [GapExample], in plan: NetworkPlan) -> Value {
        plan.backward { index, answer, gradient in
            add(examples[index], answer: answer, gradient: gradient, share: 1 / Float(examples.count))
        }.reduce(Value(), +)
    }

    /// The value for one patch, and its gradient.
    ///
    /// - Parameters:
    ///   - answer: ``GapNetwork/outputChannels`` for each voxel of the patch.
    ///   - gradient: the same, 0 before.
    ///   - share: of this patch in the batch.
    public func add(
        _ example: GapExample, answer: UnsafeBufferPointer<Float>,
        gradient: UnsafeMutableBufferPointer<Float>, share: Float
    ) -> Value {
        let scale = share / Float(max(1, example.gap.count))
        var (error, kriging, likelihood) = (0.0, 0.0, 0.0)
        for voxel in example.gap {
            let channel = Int(voxel.position) * GapNetwork.outputChannels
            let correction = Correction(UnsafeBufferPointer(rebasing: answer[channel...]))
            let unit = Correction.unit(deviation: voxel.deviation)
            let mean = correction.mean(
                kriged: voxel.kriged, background: voxel.background, deviation: voxel.deviation)
            let difference = mean - voxel.target
            let relative = difference * difference * example.weight
            let pull =
                2 * difference * example.weight * scale
                * (relative > Self.largestError ? (Self.largestError / relative).squareRoot() : 1)
            gradient[channel] = pull * (voxel.kriged - voxel.background)
            gradient[channel + 1] = pull * unit
            let logarithm = logf(unit) + correction.spread
            let ratio = (difference * difference + voxel.noise) * expf(-2 * logarithm)
            gradient[channel + 2] = uncertaintyWeight * scale * (1 - min(ratio, Self.largestRatio))
            error += Double(difference * difference)
            kriging += Double((voxel.kriged - voxel.target) * (voxel.kriged - voxel.target))
            likelihood += Double(0.5 * ratio + logarithm)
        }
        let count = Double(max(1, example.gap.count))
        return Value(
            error: error * Double(example.weight) / count, kriging: kriging * Double(example.weight) / count,
            likelihood: likelihood / count, patches: 1)
    }
}
