internal import CConvolution
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
        lacuna_set_threads(Int32(Threads.count))
        let norm = Float(lacuna_sum_of_squares(gradients.baseAddress, Int64(count)).squareRoot())
        guard norm.isFinite else { return norm }
        stepCount += 1
        var step = LacunaAdamStep(
            gradient_scale: clippingNorm.map { norm > $0 ? $0 / norm : 1 } ?? 1, beta1: beta1, beta2: beta2,
            rate: learningRate / Float(1 - pow(Double(beta1), Double(stepCount))),
            second_scale: 1 / Float(1 - pow(Double(beta2), Double(stepCount))), epsilon: epsilon,
            kept: 1 - learningRate * weightDecay)
        parameters.withValues { values in
            lacuna_adam(
                &step, gradients.baseAddress, &firstMoment, &secondMoment, values.baseAddress, Int64(count))
        }
        return norm
    }
}
