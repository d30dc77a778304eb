internal import Foundation
public import Fourier
public import Volume

/// How far a reconstructed crystal is from the true one.
///
/// Phases are compared where the true modulus is above half of its greatest, their gradients where that holds for both
/// neighbours along the axis too.
public struct ObjectError: Sendable, Equatable {
    /// Root of the summed squared differences of the moduli over that of the true moduli, in the whole volume: what lies
    /// beside the crystal counts, too.
    public var modulus: Double
    /// Standard deviation in radians of the difference in phase.
    public var phase: Double
    /// Root mean square of the difference in the phase's gradient along (frame, row, column), in radians per voxel.
    public var gradient: SIMD3<Double>

    /// - Parameter object: without ambiguities against the truth, but for a phase offset.
    public init(of object: Volume<ComplexFloat>, against truth: Volume<ComplexFloat>) {
        precondition(object.shape == truth.shape, "an object of \(object.shape) against one of \(truth.shape)")
        let greatest = truth.storage.reduce(0) { max($0, $1.squaredModulus) }
        var (squares, trueSquares) = (0.0, 0.0)
        var mean = ComplexFloat(0)
        // The difference in phase as a number of modulus 1; 0 outside of the crystal.
        var turns = [ComplexFloat](repeating: ComplexFloat(0), count: truth.storage.count)
        for (voxel, (value, other)) in zip(object.storage, truth.storage).enumerated() {
            let difference = Double(value.squaredModulus.squareRoot() - other.squaredModulus.squareRoot())
            squares += difference * difference
            trueSquares += Double(other.squaredModulus)
            guard other.squaredModulus > 0.25 * greatest else { continue }
            let product = value * other.conjugate
            let length = product.squaredModulus.squareRoot()
            turns[voxel] = length > 0 ? product * (1 / length) : ComplexFloat(1)
            mean = ComplexFloat(mean.real + turns[voxel].real, mean.imaginary + turns[voxel].imaginary)
        }
        modulus = (squares / trueSquares).squareRoot()

        var (count, sum, sumOfSquares) = (0.0, 0.0, 0.0)
        for turn in turns where turn.squaredModulus > 0 {
            let phase = (turn * mean.conjugate).phase
            (count, sum, sumOfSquares) = (count + 1, sum + phase, sumOfSquares + phase * phase)
        }
        phase = max(0, sumOfSquares / count - sum * sum / (count * count)).squareRoot()
        gradient = Self.gradient(of: turns, shape: truth.shape)
    }

    /// Central differences, which wrap as phases do.
    private static func gradient(of turns: [ComplexFloat], shape: VolumeShape) -> SIMD3<Double> {
        let strides = [shape.frame.count, shape.columns, 1]
        var result = SIMD3<Double>.zero
        for (axis, step) in strides.enumerated() {
            var (count, squares) = (0.0, 0.0)
            for voxel in step..<turns.count - step where turns[voxel].squaredModulus > 0 {
                let (before, after) = (turns[voxel - step], turns[voxel + step])
                guard before.squaredModulus > 0, after.squaredModulus > 0 else { continue }
                let slope = (after * before.conjugate).phase / 2
                (count, squares) = (count + 1, squares + slope * slope)
            }
            result[axis] = count > 0 ? (squares / count).squareRoot() : 0
        }
        return result
    }

    /// Root mean square of the error of the strain along the three axes.
    ///
    /// - Parameters:
    ///   - spacing: of the reflecting planes, in nanometres.
    ///   - voxel: its edges, in nanometres.
    public func strain(planeSpacing spacing: Double, voxel: SIMD3<Double>) -> Double {
        let slopes = gradient / voxel * (spacing / (2 * .pi))
        return ((slopes * slopes).sum() / 3).squareRoot()
    }

    /// Standard deviation of the error of the displacement along the scattering vector, in the unit of the spacing.
    public func displacement(planeSpacing spacing: Double) -> Double { phase * spacing / (2 * .pi) }
}

extension ComplexFloat {
    /// In radians.
    fileprivate var phase: Double { atan2(Double(imaginary), Double(real)) }
}
