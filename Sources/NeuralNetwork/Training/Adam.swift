internal import Foundation

/// The optimiser Adam (Kingma & Ba 2015, arXiv:1412.6980), with decoupled weight decay and clipped gradients.
public struct Adam: Sendable, Equatable {
    public var beta1: Float = 0.9
    public var beta2: Float = 0.999
    public var epsilon: Float = 1e-8
    /// Share of each parameter taken away per step, times the learning rate (Loshchilov & Hutter, arXiv:1711.05101).
    public var weightDecay: Float = 0

    /// Moving averages of the gradients and of their squares, in the order of the parameters.
    public private(set) var firstMoment: [Float]
    public private(set) var secondMoment: [Float]
    /// Number of steps made.
    public private(set) var stepCount: Int

    public init(parameterCount: Int) {
        firstMoment = [Float](repeating: 0, count: parameterCount)
        secondMoment = firstMoment
        stepCount = 0
    }

    /// The state of an optimiser that was put away.
    ///
    /// - Precondition: both moments have the same number of elements.
    public init(firstMoment: [Float], secondMoment: [Float], stepCount: Int) {
        precondition(firstMoment.count == secondMoment.count, "moments of different networks")
        self.firstMoment = firstMoment
        self.secondMoment = secondMoment
        self.stepCount = stepCount
    }

    /// Moves the parameters against their gradients.
    ///
    /// - Parameters:
    ///   - gradients: in the order of `ParameterSet.values`.
    ///   - clippingNorm: gradients longer than this are shortened to it, all together.
    /// - Returns: the length of the gradients before clipping. Where it is not finite, nothing is changed.
    /// - Precondition: as many gradients and parameters as the optimiser was made for.
    @discardableResult
    public mutating func step(
        _ parameters: inout ParameterSet, gradients: UnsafeMutableBufferPointer<Float>, learningRate: Float,
        clippingNorm: Float? = nil
    ) -> Float {
        let count = firstMoment.count
        precondition(gradients.count == count && parameters.values.count == count, "an optimiser of \(count) numbers")
        let norm = Self.norm(UnsafeBufferPointer(gradients))
        guard norm.isFinite else { return norm }
        stepCount += 1
        let clip = clippingNorm.map { norm > $0 ? $0 / norm : 1 } ?? 1
        let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
        let unbiased1 = Float(1 - pow(Double(beta1), Double(stepCount)))
        let unbiased2 = Float(1 - pow(Double(beta2), Double(stepCount)))
        let rate = learningRate / unbiased1
        let scale = 1 / unbiased2
        let kept = 1 - learningRate * weightDecay
        parameters.withValues { values in
            firstMoment.withUnsafeMutableBufferPointer { first in
                secondMoment.withUnsafeMutableBufferPointer { second in
                    for index in 0..<count {
                        let gradient = gradients[index] * clip
                        let mean = beta1 * first[index] + (1 - beta1) * gradient
                        let square = beta2 * second[index] + (1 - beta2) * gradient * gradient
                        first[index] = mean
                        second[index] = square
                        values[index] = kept * values[index] - rate * mean / ((square * scale).squareRoot() + epsilon)
                    }
                }
            }
        }
        return norm
    }

    /// The Euclidean length of a list of numbers, summed in a fixed order.
    private static func norm(_ values: UnsafeBufferPointer<Float>) -> Float {
        var total = 0.0
        // Sixteen partial sums of few numbers each: float32 alone loses digits over millions.
        for start in stride(from: 0, to: values.count, by: 4096) {
            let part = values.extracting(start..<min(start + 4096, values.count))
            var sums = SIMD16<Float>.zero
            var index = 0
            while index + 16 <= part.count {
                var numbers = SIMD16<Float>.zero
                for lane in 0..<16 { numbers[lane] = part[index &+ lane] }
                sums += numbers * numbers
                index += 16
            }
            total += Double(sums.sum())
            for value in part[index...] { total += Double(value * value) }
        }
        return Float(total.squareRoot())
    }
}
