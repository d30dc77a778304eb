internal import CConvolution
internal import Foundation
internal import Volume

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

/// A learning rate as a function of the steps made.
public enum LearningRateSchedule: Hashable, Sendable {
    case constant(Float)
    /// Rises evenly to `peak` over `warmUp` steps, then falls along half a cosine to `final` at step `total`.
    case cosine(peak: Float, warmUp: Int, total: Int, final: Float)

    /// The rate of the step with this number, counted from 0.
    public func rate(step: Int) -> Float {
        switch self {
        case .constant(let rate): return rate
        case .cosine(let peak, let warmUp, let total, let final):
            if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
            let progress = Float(min(step, total) - warmUp) / Float(max(total - warmUp, 1))
            return final + (peak - final) * 0.5 * (1 + cos(.pi * progress))
        }
    }
}

/// A learning rate that is cut when a loss no longer falls.
public struct PlateauSchedule: Hashable, Sendable {
    public private(set) var rate: Float
    public let factor: Float
    public let patience: Int
    public let minimum: Float
    private var best = Float.infinity
    private var waited = 0

    /// - Parameters:
    ///   - initial: the first rate.
    ///   - factor: what the rate is multiplied by.
    ///   - patience: epochs without a new lowest loss after which it is.
    ///   - minimum: the rate below which it is never cut.
    public init(initial: Float, factor: Float = 0.15, patience: Int = 4, minimum: Float = 1e-6) {
        rate = initial
        self.factor = factor
        self.patience = patience
        self.minimum = minimum
    }

    /// Takes note of an epoch's loss and gives the rate for the next one.
    public mutating func update(loss: Float) -> Float {
        if loss < best {
            best = loss
            waited = 0
        } else {
            waited += 1
            if waited >= patience {
                rate = max(rate * factor, minimum)
                waited = 0
            }
        }
        return rate
    }
}

extension NetworkPlan {
    /// Hands each sample of the batch its input, on all cores.
    ///
    /// - Parameter samples: channels-last numbers, as many samples as the plan takes.
    public func setInput(_ samples: [[Float]]) {
        withInput { input in
            onAllCores(samples.count) { index in
                let size = samples[index].count
                _ = input[index * size..<(index + 1) * size].update(fromContentsOf: samples[index])
            }
        }
    }

    /// Asks for the gradient by each sample's output, on all cores, and propagates it to new gradients of the
    /// parameters; follows a `forward`.
    ///
    /// - Parameter compare: looks at the output of a sample, adds to its gradient, which is 0 before, and gives what is
    ///   to be known of it.
    /// - Returns: what `compare` gave for each sample.
    public func backward<Value>(
        _ compare: (
            _ sample: Int, _ output: UnsafeBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>
        ) -> Value
    ) -> [Value] {
        let batch = outputShapes[0].batch
        let size = outputShapes[0].count / batch
        let values = withOutput { output in
            withOutputGradient { gradient in
                gradient.update(repeating: 0)
                return concurrentMap(0..<batch) { index in
                    let sample = index * size..<(index + 1) * size
                    return compare(
                        index, UnsafeBufferPointer(rebasing: output[sample]),
                        UnsafeMutableBufferPointer(rebasing: gradient[sample]))
                }
            }
        }
        zeroGradients()
        backward()
        return values
    }
}
