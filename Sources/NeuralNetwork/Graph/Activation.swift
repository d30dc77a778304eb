/// A function applied to each number of a tensor.
public enum Activation: Hashable, Sendable {
    case none
    /// x where x > 0, else slope · x; the slope lies in 0 < slope <= 1.
    case leakyReLU(slope: Float)
    /// 1 / (1 + exp(-gain · x)).
    case sigmoid(gain: Float = 1)
}
