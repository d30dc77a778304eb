internal import Foundation

/// The cube root of a count I plus 3/8, on which kriging works.
///
/// The intensities of a speckle pattern scatter exponentially about their local mean, and their cube roots very nearly
/// as a Gaussian field does, of which a conditional mean is a linear sum. The 3/8 keeps the noise of few counts in
/// bounds, as in the square root of Anscombe.
///
/// Source: Wilson and Hilferty 1931, PNAS 17, 684; Anscombe 1948, Biometrika 35, 246.
enum CountRoot {
    private static let offset: Float = 0.375

    /// The root of no count.
    static let ofNone = of(0)

    @inline(__always)
    static func of(_ count: Float) -> Float { cbrtf(count + offset) }

    /// The count of a root, at least 0.
    @inline(__always)
    static func count(_ root: Float) -> Float { max(0, root * root * root - offset) }

    /// The cube root of 1 + I where a mean of log(1+I) is this: the unit in which kriging takes the roots around it.
    ///
    /// From a table, to a millionth.
    @inline(__always)
    static func unit(meanLogarithm: Float) -> Float {
        units.interpolated(at: max(0, meanLogarithm) * unitsPerLogarithm)
    }

    private static let unitsPerLogarithm: Float = 128
    private static let units = (0...24 * Int(unitsPerLogarithm)).map { exp(Float($0) / (3 * unitsPerLogarithm)) }

    /// How fast the count grows with its root.
    @inline(__always)
    static func slope(_ root: Float) -> Float { 3 * root * root }

    /// How the roots of Poisson counts scatter where it is known what they are on average.
    static func noise(meanRoot: Float) -> Float {
        let position = (meanRoot - ofNone) * noisesPerUnit
        // To first order in 1/λ, the variance λ of the count over the square of the slope.
        guard position < Float(noises.count - 1) else { return 1 / (9 * meanRoot) }
        return noises.interpolated(at: max(0, position))
    }

    private static let noisesPerUnit: Float = 32
    /// The variance at mean roots in steps of 1 / `noisesPerUnit`, from that of no count.
    private static let noises: [Float] = {
        let table = PhotonNoise.table { cbrt($0 + Double(offset)) }
        var index = 0
        return (0...Int(6.5 * noisesPerUnit)).map { step in
            let mean = ofNone + Float(step) / noisesPerUnit
            while index < table.count - 2, table[index + 1].mean < mean { index += 1 }
            let (low, high) = (table[index], table[index + 1])
            let share = (mean - low.mean) / (high.mean - low.mean)
            return low.variance * (1 - share) + high.variance * share
        }
    }()
}
