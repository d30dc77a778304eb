internal import Foundation

/// What photon counting alone does to log(1+I).
public enum PhotonNoise {
    /// Mean and variance of log(1+N) over Poisson counts N of one expectation.
    public struct Moments: Sendable {
        public var mean: Float
        public var variance: Float
    }

    /// The mean of (log(1+N) − log(1+λ))² over Poisson counts N of expectation λ: the error of a perfect prediction.
    ///
    /// - Parameter expectation: λ in counts, at least 0.
    public static func squaredError(expectation: Float) -> Double {
        let moments = moments(expectation: expectation)
        let bias = Double(moments.mean) - log1p(Double(expectation))
        return Double(moments.variance) + bias * bias
    }

    /// What log(1+N) is on average, and how it scatters.
    ///
    /// - Parameter expectation: λ in counts, at least 0.
    public static func moments(expectation: Float) -> Moments {
        guard expectation > 0 else { return Moments(mean: 0, variance: 0) }
        guard expectation < largest else {
            let sum = 1 + expectation
            let variance = expectation / (sum * sum)
            return Moments(mean: log1p(expectation) - variance / 2, variance: variance)
        }
        // The table is even in √λ, on which the curves are smooth at both ends.
        let position = (expectation / largest).squareRoot() * Float(table.count - 1)
        let index = min(Int(position), table.count - 2)
        let share = position - Float(index)
        let (low, high) = (table[index], table[index + 1])
        return Moments(
            mean: low.mean * (1 - share) + high.mean * share,
            variance: low.variance * (1 - share) + high.variance * share)
    }

    /// The expectation of the Poisson counts whose log(1+N) has a mean; 0 where that is not above 0.
    ///
    /// From a table, to half a percent at a hundredth of a count and better at more.
    static func expectation(meanLogarithm mean: Float) -> Float {
        guard mean > 0 else { return 0 }
        let position = mean * offsetsPerLogarithm
        // To first order in 1/λ.
        guard position < Float(offsets.count - 1) else { return expm1(mean + exp(-mean) / 2) }
        return expm1(mean + offsets.interpolated(at: position))
    }

    private static let offsetsPerLogarithm: Float = 128
    /// By what log(1+λ) is above the mean of log(1+N), at means in even steps.
    private static let offsets: [Float] = {
        var index = 0
        return (0..<Int(5.5 * offsetsPerLogarithm)).map { step in
            let mean = Float(step) / offsetsPerLogarithm
            while table[index + 1].mean < mean { index += 1 }
            let share = (mean - table[index].mean) / (table[index + 1].mean - table[index].mean)
            let root = (Float(index) + share) / Float(table.count - 1)
            return log1p(largest * root * root) - mean
        }
    }()

    /// From here on, the first order in 1/λ is good to a percent.
    private static let largest: Float = 400

    private static let table = table { log1p($0) }

    /// The moments of a function of the counts, for expectations up to the largest, in even steps of their square roots.
    static func table(of value: (Double) -> Double) -> [Moments] {
        (0...1600).map { index in
            let root = Double(index) / 1600
            return exactMoments(root * root * Double(largest), of: value)
        }
    }

    /// Mean and variance of a function of Poisson counts of one expectation.
    static func exactMoments(_ expectation: Double, of value: (Double) -> Double) -> Moments {
        let level = value(expectation)
        guard expectation > 0 else { return Moments(mean: Float(level), variance: 0) }
        var (sum, squares) = (0.0, 0.0)
        let spread = 12 * expectation.squareRoot() + 12
        for count in max(0, Int(expectation - spread))...Int(expectation + spread) {
            let n = Double(count)
            let probability = exp(n * log(expectation) - expectation - lgamma(n + 1))
            let difference = value(n) - level
            sum += probability * difference
            squares += probability * difference * difference
        }
        return Moments(mean: Float(level + sum), variance: Float(squares - sum * sum))
    }
}
