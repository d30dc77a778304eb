internal import Foundation

/// What would be counted in a voxel of which something is known: a negative binomial law.
///
/// An intensity of which nothing but its mean and its scatter is known is taken to follow a gamma law, as the intensities
/// of speckle do, and its photons are counted by Poisson's. A mean of μ counts and a standard deviation of σ say all of it:
/// σ² = μ + δ μ², where δ is the relative variance of the intensity; with δ = 0 it is Poisson's law.
///
/// Source: Goodman 1985, Statistical Optics, section 9.2; its limits hold 68 % and 95 % of the counts in simulated and
/// measured scans at most widths and brightnesses: Documentation/verdicts.md.
public struct CountDistribution: Hashable, Sendable {
    /// In counts, at least 0.
    public var mean: Float
    /// The relative variance of the intensity, at least 0.
    public var dispersion: Float

    /// - Parameter dispersion: cut at a largest one.
    public init(mean: Float, dispersion: Float) {
        self.mean = max(0, mean)
        self.dispersion = min(max(0, dispersion), Self.largestDispersion)
    }

    /// - Parameter deviation: the standard deviation σ in counts; photon noise alone where it is less than that.
    public init(mean: Float, deviation: Float) {
        let excess = deviation * deviation - mean
        self.init(mean: mean, dispersion: mean > 0 && excess > 0 ? excess / (mean * mean) : 0)
    }

    /// In counts.
    public var standardDeviation: Float { (mean + dispersion * mean * mean).squareRoot() }

    static let largestDispersion: Float = 100

    /// The shares of a normal law within one and two deviations.
    public static let (oneSigma, twoSigma) = (0.6827, 0.9545)

    /// Below, chances are added up count by count; above, the cube root of the count is taken to be distributed normally.
    ///
    /// Source: Wilson and Hilferty 1931, PNAS 17, 684.
    private static let largestSum: Float = 64
    /// Where fewer counts are expected, none is.
    private static let leastMean: Float = 1e-12

    /// The chance of at most some number of counts.
    ///
    /// - Parameter count: a whole number; 0 where it is below 0.
    public func chance(ofAtMost count: Float) -> Double {
        guard count >= 0 else { return 0 }
        guard mean > Self.leastMean else { return 1 }
        guard count >= Self.largestSum || mean >= Self.largestSum else { return sum(upTo: Int(count)) }
        return Self.normalChance(deviate(of: count + 0.5))
    }

    private func sum(upTo count: Int) -> Double {
        var (probability, total) = (ofNone, ofNone)
        for count in 0..<count {
            probability *= ratio(to: count)
            total += probability
        }
        return min(1, total)
    }

    /// The chance of no count.
    private var ofNone: Double {
        let (mean, dispersion) = (Double(mean), Double(dispersion))
        return dispersion * mean < 1e-9 ? exp(-mean) : exp(-log1p(dispersion * mean) / dispersion)
    }

    /// The chance of one count more than `count`, over that of `count`.
    private func ratio(to count: Int) -> Double {
        let (mean, dispersion, count) = (Double(mean), Double(dispersion), Double(count))
        return mean * (1 + dispersion * count) / ((1 + dispersion * mean) * (count + 1))
    }

    /// The relative variance of the counts, over 9.
    private var ninth: Float { (dispersion + 1 / mean) / 9 }

    private func deviate(of count: Float) -> Double {
        Double((cbrtf(count / mean) - (1 - ninth)) / ninth.squareRoot())
    }

    static func normalChance(_ deviate: Double) -> Double { erfc(-deviate / 2.0.squareRoot()) / 2 }

    /// The deviate that is not exceeded with a chance; to 5e-4.
    ///
    /// Source: Abramowitz and Stegun 1964, 26.2.23.
    static func normalDeviate(_ chance: Double) -> Double {
        let tail = max(1e-300, min(chance, 1 - chance))
        let t = (-2 * log(tail)).squareRoot()
        let deviate =
            t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        return chance < 0.5 ? -deviate : deviate
    }
}

extension CountDistribution {
    /// The share of the counts that lie within an interval, where what counts is known by what was counted: 1, 0, or what
    /// the interval has of a count on its border.
    ///
    /// The mean of this over many voxels is the share that the interval holds, although counts are whole numbers: with
    /// an expectation of a tenth of a count nine of ten voxels hold none, and no interval of counts holds 68 %.
    ///
    /// - Parameter share: that the interval around the median holds.
    public func coverage(of count: Float, holding share: Double) -> Double {
        let (below, upTo) = (chance(ofAtMost: count - 1), chance(ofAtMost: count))
        let (low, high) = ((1 - share) / 2, (1 + share) / 2)
        guard upTo > below else { return (low...high).contains(below) ? 1 : 0 }
        return max(0, min(high, upTo) - max(low, below)) / (upTo - below)
    }
}

extension CountDistribution {
    /// The dispersion at which the logarithm of the intensity has a variance: that of a gamma law's is ψ′(1/δ).
    static func dispersion(logarithmicVariance variance: Float) -> Float {
        // δ − δ²/2 …: nearly a straight line at first, a square root at last.
        guard variance >= 1e-3 else { return variance * (1 - variance / 2) }
        return dispersions.interpolated(at: log(min(variance, largestVariance) / 1e-3) * stepsPerLogarithm)
    }

    /// The variance of the logarithm of the intensity.
    var logarithmicVariance: Float {
        dispersion < 1e-4 ? dispersion : Float(Self.trigamma(1 / Double(dispersion)))
    }

    private static let stepsPerLogarithm: Float = 32
    private static let largestVariance: Float = Float(trigamma(1 / Double(largestDispersion)))
    private static let dispersions: [Float] = {
        let count = Int((log(largestVariance / 1e-3) * stepsPerLogarithm).rounded(.up)) + 1
        return (0..<count).map { step in
            let variance = 1e-3 * exp(Double(step) / Double(stepsPerLogarithm))
            // Bisection on the logarithm of δ: ψ′(1/δ) grows with it.
            var (low, high) = (log(1e-4), log(2 * Double(largestDispersion)))
            for _ in 0..<48 {
                let middle = (low + high) / 2
                if trigamma(exp(-middle)) < variance { low = middle } else { high = middle }
            }
            return Float(exp((low + high) / 2))
        }
    }()

    /// ψ′(x) for x > 0: recurrence to where its asymptotic series holds.
    ///
    /// Source: Abramowitz and Stegun 1964, 6.4.6 and 6.4.12.
    static func trigamma(_ x: Double) -> Double {
        var (x, sum) = (x, 0.0)
        while x < 8 {
            sum += 1 / (x * x)
            x += 1
        }
        let y = 1 / (x * x)
        return sum + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)))
    }
}
