internal import Foundation

/// How well estimates can be expected to correlate with the counts that would have been measured, from their own
/// uncertainties.
///
/// With μ the estimates of log(1+I) over some voxels and σ their standard uncertainties, what would have been measured
/// scatters by var μ + mean σ², of which the estimates tell var μ: their Pearson correlation is √(var μ / (var μ +
/// mean σ²)), as far as the uncertainties are right.
public struct ExpectedCorrelation: Sendable {
    private(set) var count = 0
    private var sum = 0.0
    private var squares = 0.0
    /// The sum of σ².
    private(set) var variance = 0.0
    /// The sum of the chances of at least one count.
    private var signal = 0.0

    public init() {}

    /// Adds one estimate in counts, with its standard uncertainty.
    ///
    /// - Returns: the mean of log(1+I) that is stated so.
    @discardableResult
    public mutating func add(estimate: Float, error: Float) -> Float {
        let (mean, deviation) = StatedError.logarithmic(estimate: estimate, error: error)
        count += 1
        sum += Double(mean)
        squares += Double(mean) * Double(mean)
        variance += Double(deviation) * Double(deviation)
        signal += 1 - exp(-Double(estimate))
        return mean
    }

    /// Adds what another one holds.
    mutating func add(_ other: ExpectedCorrelation) {
        count += other.count
        sum += other.sum
        squares += other.squares
        variance += other.variance
        signal += other.signal
    }

    /// The share of the voxels that are expected to hold a count.
    var signalShare: Double { count > 0 ? signal / Double(count) : 0 }

    /// The expected correlation; `nil` where the estimates do not vary.
    public func pearson() -> Double? {
        explained.map { ($0 / ($0 + variance / Double(count))).squareRoot() }
    }

    /// The variance of the estimates; `nil` where they do not vary.
    var explained: Double? {
        guard count > 1 else { return nil }
        let mean = sum / Double(count)
        let explained = squares / Double(count) - mean * mean
        return explained > 1e-9 ? explained : nil
    }
}

/// How an estimate of log(1+I) and its deviation are stated in counts, and read again.
enum StatedError {
    /// Beyond this deviation of log(1+I), a larger one makes the expected intensity no larger.
    private static let largestSpread: Float = 1
    /// The errors of simulated scans have longer tails than a normal distribution: this much less holds 68 to 72 %.
    private static let share: Float = 0.93

    /// The counts to be expected and their standard uncertainty.
    ///
    /// With a normal distribution of log(1+I), mean m and deviation d, 1+I is stated as exp(m + d²/4): the square of the
    /// amplitude to be expected, as phase retrieval takes it. Around that, ± d exp(m) would hold 68 % of the distribution
    /// for all d up to 1.5, to within 7 % of the width.
    static func counts(mean: Float, deviation: Float) -> (estimate: Float, error: Float) {
        let level = max(1, exp(mean))
        return (level * rise(deviation) - 1, share * level * max(deviation, 1e-3))
    }

    /// The mean and the deviation of log(1+I) that were stated so.
    static func logarithmic(estimate: Float, error: Float) -> (mean: Float, deviation: Float) {
        let level = 1 + max(0, estimate)
        let relative = error / (share * level)
        // The rise depends on the deviation: a few rounds settle it.
        var deviation = relative
        for _ in 0..<4 { deviation = relative * rise(deviation) }
        return (log(level / rise(deviation)), deviation)
    }

    private static func rise(_ deviation: Float) -> Float {
        let spread = min(deviation, largestSpread)
        return exp(spread * spread / 4)
    }
}
