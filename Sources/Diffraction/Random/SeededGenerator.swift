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
