internal import Foundation

/// What the filler's own uncertainties say of the voxels of one gap, gathered voxel by voxel.
///
/// With μ the estimate of log(1+I) and σ its stated uncertainty, what would be measured is μ plus an error of variance
/// σ². Its correlation with μ is then √(var μ / (var μ + mean σ²)), by the law of total variance. A perfect fill would
/// know the expectation of every count and miss photon noise alone, whose variance is known: that is the limit.
public struct GapQuality: Sendable, Equatable {
    /// Voxels that were filled.
    public private(set) var voxels = 0
    /// Sum of the estimates, in counts.
    public private(set) var counts = 0.0
    private var uncertain = 0
    private var sum = 0.0
    private var squares = 0.0
    private var variances = 0.0
    private var noises = 0.0

    public init() {}

    /// Takes a filled voxel into account.
    ///
    /// - Parameters:
    ///   - estimate: in counts, at least 0.
    ///   - error: its standard uncertainty in counts; `nil` or not a number where none is stated.
    public mutating func add(estimate: Float, error: Float?) {
        let mean = log1p(Double(estimate))
        voxels += 1
        counts += Double(estimate)
        sum += mean
        squares += mean * mean
        noises += Double(PhotonNoise.moments(expectation: estimate).variance)
        guard let error, error.isFinite else { return }
        uncertain += 1
        variances += Self.logVariance(estimate: estimate, error: error)
    }

    public static func + (left: GapQuality, right: GapQuality) -> GapQuality {
        var both = left
        both.voxels += right.voxels
        both.counts += right.counts
        both.uncertain += right.uncertain
        both.sum += right.sum
        both.squares += right.squares
        both.variances += right.variances
        both.noises += right.noises
        return both
    }

    /// The variance of log(1+I) that a standard uncertainty in counts stands for.
    public static func logVariance(estimate: Float, error: Float) -> Double {
        let share = Double(error) / (1 + Double(estimate))
        return share * share
    }

    /// The correlation of log(1+I) with what would be measured; `nil` where no uncertainty is stated or nothing varies.
    ///
    /// - Parameter inflation: by how much squared errors exceed the stated variances, as seen in hidden gaps.
    public func expectedPCC(inflation: Double = 1) -> Double? {
        guard let variance, let error = error(inflation: inflation) else { return nil }
        return (variance / (variance + error)).squareRoot()
    }

    /// The correlation that nothing but photon noise would leave.
    ///
    /// - Parameter inflation: as for ``expectedPCC(inflation:)``.
    public func attainablePCC(inflation: Double = 1) -> Double? {
        guard let variance, let error = error(inflation: inflation) else { return nil }
        // What is not noise in the errors is signal that a better fill would have found.
        let total = variance + error
        return ((total - noises / Double(voxels)) / total).squareRoot()
    }

    /// The mean squared error to be expected, which is never less than what photon noise alone gives.
    private func error(inflation: Double) -> Double? {
        guard uncertain == voxels, voxels > 0 else { return nil }
        return max(1, inflation) * max(variances, noises) / Double(voxels)
    }

    private var variance: Double? {
        guard voxels > 1 else { return nil }
        let mean = sum / Double(voxels)
        let variance = squares / Double(voxels) - mean * mean
        return variance > 1e-9 ? variance : nil
    }
}
