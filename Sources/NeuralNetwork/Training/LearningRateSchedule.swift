internal import Foundation

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
