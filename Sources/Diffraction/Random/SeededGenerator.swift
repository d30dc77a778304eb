import Foundation

/// Random bits that depend on a seed and a stream number only: xoshiro256** (Blackman and Vigna 2021), its state
/// filled by SplitMix64.
///
/// A simulation gives each use, and within it each frame, a stream of its own, so that its bytes do not depend on
/// the number of threads nor on the order in which frames are asked for.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameters:
    ///   - seed: any value; near seeds give unrelated numbers.
    ///   - stream: the path of the stream below the seed, e.g. purpose and frame; different paths are independent.
    public init(seed: UInt64, stream: UInt64...) {
        var mixer = SplitMix64(state: seed)
        for step in stream { mixer.state = mixer.next() ^ (step &* 0xD1B5_4A32_D192_ED03) }
        state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    public mutating func next() -> UInt64 {
        let result = (state.1 &* 5).rotated(left: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3.rotated(left: 45)
        return result
    }

    /// A number evenly distributed over 0 ..< 1, with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number evenly distributed over the range.
    public mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }
}

/// The generator of Steele, Lea and Flood (2014): every seed is good, which makes it fit to fill other states.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension UInt64 {
    fileprivate func rotated(left bits: UInt64) -> UInt64 { (self << bits) | (self >> (64 - bits)) }
}

extension SeededGenerator {
    /// A normal deviate of mean 0 and variance 1 (Box and Muller 1958).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    /// A vector of three independent normal deviates of variance 1.
    mutating func normalVector() -> SIMD3<Double> { SIMD3(normal(), normal(), normal()) }

    /// A direction evenly distributed over the sphere.
    mutating func direction() -> SIMD3<Double> {
        while true {
            let vector = normalVector()
            let length = vector.length
            if length > 1e-6 { return vector / length }
        }
    }
}

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

/// Tables of the ziggurat: 128 layers of equal area under exp(-x²/2), from which normal deviates come fast.
///
/// Source: Marsaglia and Tsang 2000, Journal of Statistical Software 5 (8), 1-7; layer and position are taken from
/// different bits, as Doornik 2005 asks for.
struct Ziggurat: Sendable {
    static let normal = Ziggurat()

    private static let layers = 128
    /// Where the tail begins, and the area of each layer.
    private static let tail = 3.442619855899
    private static let area = 9.91256303526217e-3

    /// The right edges of the layers, from the base with its tail up to the peak.
    private let edges: [Double]
    /// For each layer, which share of its width lies under the curve at any height.
    private let cores: [Double]

    private init() {
        var edges = [Self.area / Self.height(Self.tail), Self.tail]
        for layer in 2..<Self.layers {
            let below = edges[layer - 1]
            edges.append((-2 * log(Self.area / below + Self.height(below))).squareRoot())
        }
        edges.append(0)
        self.edges = edges
        cores = (0..<Self.layers).map { edges[$0 + 1] / edges[$0] }
    }

    private static func height(_ x: Double) -> Double { exp(-0.5 * x * x) }

    /// A normal deviate of mean 0 and variance 1.
    @inline(__always)
    func deviate(using generator: inout SeededGenerator) -> Double {
        let bits = generator.next()
        let layer = Int(bits & 127)
        let position = Double(Int64(bitPattern: bits) >> 11) * 0x1p-52
        if abs(position) < cores[layer] { return position * edges[layer] }
        return rareDeviate(layer, position, using: &generator)
    }

    /// What one in eighty deviates needs: the tail, or a look at the curve.
    @inline(never)
    private func rareDeviate(_ layer: Int, _ position: Double, using generator: inout SeededGenerator) -> Double {
        if layer == 0 { return position < 0 ? -tailDeviate(using: &generator) : tailDeviate(using: &generator) }
        let x = position * edges[layer]
        let (lower, upper) = (Self.height(edges[layer]), Self.height(edges[layer + 1]))
        if lower + generator.uniform() * (upper - lower) < Self.height(x) { return x }
        return deviate(using: &generator)
    }

    /// A deviate beyond the base layer's edge, by rejection from an exponential (Marsaglia 1964).
    private func tailDeviate(using generator: inout SeededGenerator) -> Double {
        while true {
            let step = -log(1 - generator.uniform()) / Self.tail
            if -2 * log(1 - generator.uniform()) > step * step { return Self.tail + step }
        }
    }
}
