/// What a self-check tells about one way of filling.
public struct SelfCheckScore: Sendable, Equatable {
    /// Pearson correlation of log(1+I) over the hidden voxels of each window; `nil` where nothing varies.
    public var correlations: [Double?] = []
    /// The mean of the correlations.
    public var pcc: Double?
    /// Mean squared error of log(1+I) in units of what photon noise alone would give; 1 is the limit.
    public var misfit: Double?
    /// Shares of the hidden voxels that lie within one and two standard uncertainties of their estimate; `nil` where
    /// the filler states none.
    public var withinOneSigma: Double?
    public var withinTwoSigma: Double?

    public init() {}

    /// Number of windows that could be scored.
    public var samples: Int { correlations.count { $0 != nil } }

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
