import Foundation

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
