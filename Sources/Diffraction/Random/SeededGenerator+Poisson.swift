import Foundation

extension SeededGenerator {
    /// A Poisson deviate: the photons counted where `mean` are expected.
    ///
    /// Exact at every mean: by inversion below 10, else by transformed rejection (PTRS; Hörmann 1993, Insurance:
    /// Mathematics and Economics 12, 39-45), whose cost does not grow with the mean.
    ///
    /// - Parameter mean: at least 0; the result is cut at the largest UInt32.
    public mutating func poisson(mean: Double) -> UInt32 {
        precondition(mean >= 0, "a Poisson mean of \(mean)")
        return mean < 10 ? poissonByInversion(mean) : poissonByRejection(mean)
    }

    private mutating func poissonByInversion(_ mean: Double) -> UInt32 {
        var remaining = uniform()
        var probability = exp(-mean)
        var count: UInt32 = 0
        // The bound only matters where rounding leaves a remainder that no further term can use up.
        while remaining >= probability, count < 200 {
            remaining -= probability
            count += 1
            probability *= mean / Double(count)
        }
        return count
    }

    private mutating func poissonByRejection(_ mean: Double) -> UInt32 {
        let logMean = log(mean)
        let b = 0.931 + 2.53 * mean.squareRoot()
        let a = -0.059 + 0.02483 * b
        let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
        let squeeze = 0.9277 - 3.6224 / (b - 2)
        while true {
            let u = uniform() - 0.5
            let v = uniform()
            let edge = 0.5 - abs(u)
            let count = ((2 * a / edge + b) * u + mean + 0.43).rounded(.down)
            if edge < 0.07 || v > squeeze {
                if count < 0 || (edge < 0.013 && v > edge) { continue }
                let envelope = log(v * inverseAlpha / (a / (edge * edge) + b))
                if envelope > count * logMean - mean - logFactorial(count) { continue }
            }
            return count < Double(UInt32.max) ? UInt32(count) : .max
        }
    }
}

/// ln n!, to better than 1e-9: Stirling's series, or the sum where that is too coarse.
private func logFactorial(_ n: Double) -> Double {
    guard n >= 10 else { return stride(from: 2, through: n, by: 1).reduce(0) { $0 + log($1) } }
    let inverse = 1 / n
    let square = inverse * inverse
    return (n + 0.5) * log(n) - n + 0.5 * log(2 * Double.pi)
        + inverse * (1.0 / 12 - square * (1.0 / 360 - square / 1260))
}
