import Foundation

/// A complex number of single precision, laid out as C and FFTW do: real part first.
public struct ComplexFloat: Hashable, Sendable, BitwiseCopyable {
    public var real: Float
    public var imaginary: Float

    @inlinable
    public init(_ real: Float, _ imaginary: Float = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    /// The number of modulus 1 whose argument is the given number of full turns.
    public init(turns: Double) {
        let angle = 2 * Double.pi * turns
        self.init(Float(cos(angle)), Float(sin(angle)))
    }

    /// The square of the modulus: an intensity, where the number is an amplitude.
    @inlinable
    public var squaredModulus: Float { real * real + imaginary * imaginary }

    @inlinable
    public var conjugate: ComplexFloat { ComplexFloat(real, -imaginary) }

    @inlinable
    public static func * (left: ComplexFloat, right: ComplexFloat) -> ComplexFloat {
        ComplexFloat(
            left.real * right.real - left.imaginary * right.imaginary,
            left.real * right.imaginary + left.imaginary * right.real)
    }

    @inlinable
    public static func * (left: ComplexFloat, right: Float) -> ComplexFloat {
        ComplexFloat(left.real * right, left.imaginary * right)
    }
}
