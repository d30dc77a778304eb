import Foundation

extension SeededGenerator {
    /// Poisson deviates of many means, one each, faster than by `poisson(mean:)`, with other random bits.
    ///
    /// Below 6 by exact inversion. Above, by the quantile function's expansion about the normal one, rounded down
    /// (Giles 2016, ACM Transactions on Mathematical Software 42 (1), Algorithm 955): there, at most one deviate in a
    /// thousand differs by 1 from the exact one.
    ///
    /// - Parameter means: at least 0 each. Deviates of more than 2²⁴ are rounded to what a Float holds.
    public mutating func poisson(means: [Float]) -> [Float] {
        let ziggurat = Ziggurat.normal
        return [Float](unsafeUninitializedCapacity: means.count) { deviates, count in
            var generator = self  // in registers, not in memory
            means.withUnsafeBufferPointer { means in
                for index in means.indices {
                    let mean = Double(means[index])
                    precondition(mean >= 0, "a negative Poisson mean")
                    deviates[index] =
                        mean < 6
                        ? generator.poissonByFastInversion(mean)
                        : Self.poissonQuantile(mean: mean, normal: ziggurat.deviate(using: &generator))
                }
            }
            self = generator
            count = means.count
        }
    }

    /// Walks up the distribution until its sum exceeds a uniform number.
    @inline(__always)
    private mutating func poissonByFastInversion(_ mean: Double) -> Float {
        var remaining = uniform()
        // exp(-m) is at least 1 - m: most dark voxels are settled without it.
        if remaining < 1 - mean { return 0 }
        var probability = exp(-mean)
        var count = 0.0
        // The bound only matters where rounding leaves a remainder that no further term can use up.
        while remaining >= probability, count < 200 {
            remaining -= probability
            count += 1
            probability *= mean / count
        }
        return Float(count)
    }

    /// The Poisson quantile at the probability of which `normal` is the normal quantile; close for means of 6 or more.
    @inline(__always)
    private static func poissonQuantile(mean: Double, normal z: Double) -> Float {
        let root = mean.squareRoot()
        let square = z * z
        let first = root * z + 1.0 / 3 + square / 6
        let second = z * (1.0 / 36 + square / 72) / root
        let third = (-8.0 / 405 + square * (7.0 / 810 + square / 270)) / mean
        return Float(max(0, (mean + (first - second + third)).rounded(.down)))
    }
}
