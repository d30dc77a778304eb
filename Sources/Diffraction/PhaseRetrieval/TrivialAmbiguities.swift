internal import Foundation
public import Fourier
public import Volume

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
