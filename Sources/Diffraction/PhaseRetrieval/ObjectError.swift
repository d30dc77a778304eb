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

/// What a pattern leaves open: a crystal that is moved, turned into its twin (inverted and conjugated), or whose phase is
/// shifted, has the same intensities, and one whose phase has a ramp has them moved.
public enum TrivialAmbiguities {
    /// Rounds of fits in turn of the place and the phase's ramp, each of which disturbs the other.
    private static let rounds = 3

    /// The object as near to the truth as these freedoms let it come, and scaled to it.
    ///
    /// The place is found to a part of a voxel: by the maximum of the correlation, then by the slope of the phase between
    /// the two spectra.
    ///
    /// - Precondition: both have the same even extents.
    public static func resolved(
        _ object: Volume<ComplexFloat>, against truth: Volume<ComplexFloat>
    ) -> Volume<ComplexFloat> {
        let transform = CentredFourierTransform(shape: truth.shape)
        let trueSpectrum = transform.spectrum(of: truth)
        let spectrum = transform.spectrum(of: object)
        var twin = spectrum
        twin.storage = spectrum.storage.map(\.conjugate)
        let candidates = [spectrum, twin].map { candidate in
            var aligned = candidate
            let place = place(of: aligned, against: trueSpectrum, transform)
            LinearPhase(ofShift: place, shape: truth.shape).remove(from: &aligned)
            var object = Volume(shape: truth.shape, repeating: ComplexFloat(0))
            for _ in 0..<Self.rounds {
                LinearPhase(fittedTo: product(aligned, trueSpectrum)).remove(from: &aligned)
                object = transform.object(of: aligned)
                LinearPhase(fittedTo: product(object, truth)).remove(from: &object)
                aligned = transform.spectrum(of: object)
            }
            return object
        }
        let best = agreement(candidates[0], truth) >= agreement(candidates[1], truth) ? candidates[0] : candidates[1]
        return scaled(best, to: truth)
    }

    /// By how many whole voxels an object is away from the truth.
    private static func place(
        of spectrum: Volume<ComplexFloat>, against truth: Volume<ComplexFloat>, _ transform: CentredFourierTransform
    ) -> SIMD3<Double> {
        let correlation = transform.object(of: product(spectrum, truth)).storage
        var greatest = 0
        for voxel in correlation.indices where correlation[voxel].squaredModulus > correlation[greatest].squaredModulus
        {
            greatest = voxel
        }
        let (line, column) = (greatest / truth.shape.columns, greatest % truth.shape.columns)
        return SIMD3(Double(line / truth.shape.rows), Double(line % truth.shape.rows), Double(column))
    }

    /// Each voxel times the conjugate of the other's.
    private static func product(
        _ left: Volume<ComplexFloat>, _ right: Volume<ComplexFloat>
    ) -> Volume<ComplexFloat> {
        Volume(shape: left.shape, storage: zip(left.storage, right.storage).map { $0 * $1.conjugate })
    }

    /// The real part of the objects' scalar product, which is what the phase's fit has left to maximise.
    private static func agreement(_ object: Volume<ComplexFloat>, _ truth: Volume<ComplexFloat>) -> Double {
        zip(object.storage, truth.storage).reduce(0) { $0 + Double(($1.0 * $1.1.conjugate).real) }
    }

    /// How alike two objects are, 0 ... 1: the modulus of their scalar product over that of their lengths.
    public static func correlation(_ object: Volume<ComplexFloat>, _ other: Volume<ComplexFloat>) -> Double {
        var (real, imaginary, squares, others) = (0.0, 0.0, 0.0, 0.0)
        for (value, against) in zip(object.storage, other.storage) {
            let product = value * against.conjugate
            real += Double(product.real)
            imaginary += Double(product.imaginary)
            squares += Double(value.squaredModulus)
            others += Double(against.squaredModulus)
        }
        let lengths = (squares * others).squareRoot()
        return lengths > 0 ? (real * real + imaginary * imaginary).squareRoot() / lengths : 0
    }

    private static func scaled(_ object: Volume<ComplexFloat>, to truth: Volume<ComplexFloat>) -> Volume<ComplexFloat> {
        var (products, squares) = (0.0, 0.0)
        for (value, other) in zip(object.storage, truth.storage) {
            products += Double((value.squaredModulus * other.squaredModulus).squareRoot())
            squares += Double(value.squaredModulus)
        }
        let scale = squares > 0 ? Float(products / squares) : 0
        return Volume(shape: object.shape, storage: object.storage.map { $0 * scale })
    }
}

/// A phase that grows evenly along each axis, from the middle voxel on.
struct LinearPhase {
    /// Radians per voxel.
    var gradient = SIMD3<Double>.zero
    /// Radians in the middle voxel.
    var offset = 0.0

    private static let rounds = 6

    /// The linear phase that fits those of a volume best, each weighted by its modulus.
    ///
    /// Phases are taken relative to the last fit, which starts with none, so that they may wrap. Voxels of less than a
    /// thousandth of the greatest modulus are left out.
    init(fittedTo values: Volume<ComplexFloat>) {
        let greatest = values.storage.reduce(0) { max($0, $1.squaredModulus) }
        var samples: [(weight: Double, phase: Double, arm: SIMD4<Double>)] = []
        Self.forEachVoxel(of: values.shape) { voxel, position in
            let value = values.storage[voxel]
            guard value.squaredModulus > 1e-6 * greatest else { return }
            samples.append(
                (
                    Double(value.squaredModulus).squareRoot(), atan2(Double(value.imaginary), Double(value.real)),
                    SIMD4(1, position.x, position.y, position.z)
                ))
        }
        for _ in 0..<Self.rounds {
            // Normal equations of (offset, gradient).
            let fit = SIMD4(offset, gradient.x, gradient.y, gradient.z)
            var matrix = [SIMD4<Double>](repeating: .zero, count: 4)
            var moments = SIMD4<Double>.zero
            for sample in samples {
                let residual = sample.phase - (fit * sample.arm).sum()
                let wrapped = residual - 2 * .pi * (residual / (2 * .pi)).rounded()
                let weighted = sample.weight * sample.arm
                for row in 0..<4 { matrix[row] += weighted[row] * sample.arm }
                moments += wrapped * weighted
            }
            guard let step = Self.solve(matrix, moments) else { return }
            offset += step[0]
            gradient += SIMD3(step[1], step[2], step[3])
        }
    }

    /// - Parameter shift: by how many voxels the transform's counterpart is moved.
    init(ofShift shift: SIMD3<Double>, shape: VolumeShape) {
        let extents = SIMD3(Double(shape.frames), Double(shape.rows), Double(shape.columns))
        gradient = -2 * .pi * shift / extents
    }

    /// Takes this phase off each voxel.
    func remove(from values: inout Volume<ComplexFloat>) {
        let shape = values.shape
        values.storage.withUnsafeMutableBufferPointer { storage in
            Self.forEachVoxel(of: shape) { voxel, position in
                let phase = offset + (gradient * position).sum()
                storage[voxel] = storage[voxel] * ComplexFloat(turns: -phase / (2 * .pi))
            }
        }
    }

    private static func forEachVoxel(of shape: VolumeShape, _ body: (Int, _ position: SIMD3<Double>) -> Void) {
        var voxel = 0
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let position = SIMD3(
                        Double(frame - shape.frames / 2), Double(row - shape.rows / 2),
                        Double(column - shape.columns / 2))
                    body(voxel, position)
                    voxel += 1
                }
            }
        }
    }

    /// Gauss' elimination for a symmetric positive definite matrix; `nil` where it is not definite.
    private static func solve(_ matrix: [SIMD4<Double>], _ right: SIMD4<Double>) -> SIMD4<Double>? {
        var (matrix, right) = (matrix, right)
        for pivot in 0..<4 {
            guard matrix[pivot][pivot] > 0 else { return nil }
            for row in pivot + 1..<4 {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                matrix[row] -= factor * matrix[pivot]
                right[row] -= factor * right[pivot]
            }
        }
        var solution = SIMD4<Double>.zero
        for row in (0..<4).reversed() {
            solution[row] = (right[row] - (matrix[row] * solution).sum()) / matrix[row][row]
        }
        return solution
    }
}
