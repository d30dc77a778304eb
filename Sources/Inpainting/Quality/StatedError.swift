internal import Foundation

/// How an estimate of log(1+I) and its deviation are stated in counts, and read again.
///
/// The mean m of log(1+I) is that of the Poisson counts of some expectation λ. What the deviation has beyond photon noise is
/// the scatter of the intensity about it, an excess e of variance of log(1+I). The mean of the counts is stated as
/// λ exp(e/6), with the standard deviation of a ``CountDistribution``. Were the logarithms distributed normally it would be
/// exp(e/2), but stated deviations are rather too large; with a sixth, sums over gaps of 3 to 12 pixels in eight
/// simulated scans came out right at most brightnesses.
enum StatedError {
    /// Beyond this excess, a larger one makes the expected intensity no larger.
    private static let largestExcess: Float = 1
    /// The share of the excess by which the intensity rises.
    private static let rise: Float = 1.0 / 6
    /// The least uncertainty, in counts.
    private static let least: Float = 1e-3

    /// What an estimate says of the intensity.
    private struct Intensity {
        /// λ, in counts.
        var expectation: Float
        /// Of the variance of log(1+I) over that of photon noise.
        var excess: Float

        /// The mean of the counts.
        var estimate: Float { expectation * exp(rise * min(excess, largestExcess)) }

        /// Their standard deviation.
        func error(of estimate: Float) -> Float {
            let response = response(expectation)
            let distribution = CountDistribution(
                mean: estimate,
                dispersion: CountDistribution.dispersion(logarithmicVariance: excess / (response * response)))
            return max(distribution.standardDeviation, least)
        }

        init(expectation: Float, variance: Float) {
            self.expectation = expectation
            excess = max(0, variance - PhotonNoise.moments(expectation: expectation).variance)
        }

        /// Reads what was stated in counts.
        init(estimate: Float, error: Float) {
            let estimate = max(0, estimate)
            (expectation, excess) = (estimate, 0)
            let variance = CountDistribution(mean: estimate, deviation: error).logarithmicVariance
            // The excess depends on the expectation: a few rounds settle it.
            for _ in 0..<3 {
                let response = response(expectation)
                excess = variance * response * response
                expectation = estimate * exp(-rise * min(excess, largestExcess))
            }
        }
    }

    /// The counts to be expected and their standard deviation.
    static func counts(mean: Float, deviation: Float) -> (estimate: Float, error: Float) {
        let intensity = Intensity(
            expectation: PhotonNoise.expectation(meanLogarithm: mean), variance: deviation * deviation)
        let estimate = intensity.estimate
        return (estimate, intensity.error(of: estimate))
    }

    /// The mean and the deviation of log(1+I) that were stated so.
    static func logarithmic(estimate: Float, error: Float) -> (mean: Float, deviation: Float) {
        let intensity = Intensity(estimate: estimate, error: error)
        let noise = PhotonNoise.moments(expectation: intensity.expectation)
        return (noise.mean, (noise.variance + intensity.excess).squareRoot())
    }

    /// The uncertainty that an estimate has where the deviation of its logarithm is multiplied.
    static func scaled(_ error: Float, of estimate: Float, by factor: Float) -> Float {
        guard error.isFinite else { return error }
        var intensity = Intensity(estimate: estimate, error: error)
        let noise = PhotonNoise.moments(expectation: intensity.expectation).variance
        intensity.excess = max(0, factor * factor * (noise + intensity.excess) - noise)
        return intensity.error(of: estimate)
    }

    /// How far log(1+I) follows log I.
    private static func response(_ expectation: Float) -> Float { max(expectation, 1e-3) / (1 + expectation) }
}
