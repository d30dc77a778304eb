internal import Foundation

/// What a self-check tells about one way of filling.
public struct SelfCheckScore: Sendable, Equatable {
    /// Pearson correlation of log(1+I) over the hidden voxels of each window; `nil` where nothing varies.
    public var correlations: [Double?] = []
    /// The mean of the correlations.
    public var pcc: Double?
    /// Mean squared error of log(1+I) in units of what photon noise alone would give; 1 is the limit.
    public var misfit: Double?
    /// How many hidden voxels are off by how many steps of their stated uncertainty, the last for all that lie beyond.
    var misses = [Int](repeating: 0, count: missSteps)
    static let stepsPerUnit = 20
    static let missSteps = 8 * stepsPerUnit + 2
    /// Of each window, the variance of the errors of log(1+I) over the variance that the filler states.
    public var varianceRatios: [Double] = []

    /// What was found in each window, in the order of ``correlations``.
    public var windows: [HiddenWindow] = []

    public init() {}

    /// Number of windows that could be scored.
    public var samples: Int { correlations.count { $0 != nil } }

    /// The share of the hidden voxels that lie within some standard uncertainties of their estimate, as the output states
    /// these; `nil` where the filler states none.
    public func share(within deviations: Double) -> Double? {
        let all = misses.reduce(0, +)
        guard all > 0 else { return nil }
        let steps = Int((deviations * errorScale * Double(Self.stepsPerUnit)).rounded())
        return Double(misses.prefix(steps + 1).reduce(0, +)) / Double(all)
    }

    /// By what the output multiplies the uncertainties that the filler states.
    public var errorScale: Double { varianceScale.squareRoot() }

    /// By what the variances that the filler states are to be multiplied: the geometric mean of what was seen in the
    /// hidden gaps, and of what is usual where few could be hidden.
    public var varianceScale: Double {
        let logarithms = varianceRatios.filter { $0 > 0 }.map { log(min(max($0, 0.1), 10)) }
        let usual = Self.usualWindows * log(Self.usualVarianceRatio)
        return exp((usual + logarithms.reduce(0, +)) / (Self.usualWindows + Double(logarithms.count)))
    }

    /// The ratio in simulated scans, and how many windows it counts for.
    private static let usualVarianceRatio = 0.8
    private static let usualWindows = 4.0

    /// Whether the mean correlation is above that of another filler, on the same windows, by more than two standard
    /// errors: whether it would be so in other windows, too.
    public func isClearlyBetter(than other: SelfCheckScore) -> Bool {
        gain(over: other).map { $0.mean > 2 * $0.standardError } ?? false
    }

    /// The mean gain in correlation over another filler on the same windows, and its standard error as if they were
    /// independent; `nil` for fewer than two.
    public func gain(over other: SelfCheckScore) -> (mean: Double, standardError: Double)? {
        let gains = zip(correlations, other.correlations).compactMap { mine, theirs in
            mine.flatMap { mine in theirs.map { mine - $0 } }
        }
        guard gains.count > 1 else { return nil }
        let n = Double(gains.count)
        let mean = gains.reduce(0, +) / n
        let variance = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        return (mean, (variance / n).squareRoot())
    }
}
