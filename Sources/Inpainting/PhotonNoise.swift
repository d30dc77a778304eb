internal import Foundation

/// What photon counting alone does to log(1+I).
public enum PhotonNoise {
    /// The mean of (log(1+N) − log(1+λ))² over Poisson counts N of expectation λ: the error of a perfect prediction.
    ///
    /// - Parameter expectation: λ in counts, at least 0.
    public static func squaredError(expectation: Float) -> Double {
        guard expectation > 0 else { return 0 }
        guard expectation < largest else {
            let sum = 1 + Double(expectation)
            return Double(expectation) / (sum * sum)
        }
        // The table is even in √λ, on which the curve is smooth at both ends.
        let position = Double((expectation / largest).squareRoot()) * Double(table.count - 1)
        let index = min(Int(position), table.count - 2)
        let share = position - Double(index)
        return table[index] * (1 - share) + table[index + 1] * share
    }

    /// From here on, the first order in 1/λ is good to a percent.
    private static let largest: Float = 400

    private static let table: [Double] = (0...800).map { index in
        let root = Double(index) / 800
        return exactSquaredError(root * root * Double(largest))
    }

    private static func exactSquaredError(_ expectation: Double) -> Double {
        guard expectation > 0 else { return 0 }
        var sum = 0.0
        let spread = 12 * expectation.squareRoot() + 12
        for count in max(0, Int(expectation - spread))...Int(expectation + spread) {
            let n = Double(count)
            let probability = exp(n * log(expectation) - expectation - lgamma(n + 1))
            let difference = log1p(n) - log1p(expectation)
            sum += probability * difference * difference
        }
        return sum
    }
}
