internal import Foundation
public import Fourier
public import Volume

/// Objects that several starts made of one pattern, freed of what phase retrieval cannot tell, and how alike they are.
public struct ObjectEnsemble: Sendable {
    /// Each with the others' place, phase and handedness.
    public let objects: [Volume<ComplexFloat>]
    private let spectra: [Volume<ComplexFloat>]

    /// - Parameter reference: which the objects are brought near to; also of another pattern of the same extents.
    public init(_ objects: [Volume<ComplexFloat>], reference: Volume<ComplexFloat>) {
        let transform = CentredFourierTransform(shape: reference.shape)
        let resolved = concurrentMap(objects.indices) { index in
            let object = TrivialAmbiguities.resolved(objects[index], against: reference)
            return (object, transform.spectrum(of: object))
        }
        self.objects = resolved.map(\.0)
        spectra = resolved.map(\.1)
    }

    /// Correlations of each two objects, as ``TrivialAmbiguities/correlation(_:_:)``.
    ///
    /// - Parameter blur: standard deviation in voxels of a Gaussian that both are blurred with before: details below are
    ///   then left out.
    public func agreements(blur: Double = 0) -> [Double] {
        let seen = blurred(spectra, by: blur)
        let pairs = seen.indices.flatMap { one in seen.indices.dropFirst(one + 1).map { (one, $0) } }
        return concurrentMap(pairs.indices) { TrivialAmbiguities.correlation(seen[pairs[$0].0], seen[pairs[$0].1]) }
    }

    /// Correlations of each object with another one of the same place, phase and handedness.
    public func likenesses(to other: Volume<ComplexFloat>, blur: Double = 0) -> [Double] {
        let spectrum = CentredFourierTransform(shape: other.shape).spectrum(of: other)
        let against = blurred([spectrum], by: blur)[0]
        let seen = blurred(spectra, by: blur)
        return concurrentMap(seen.indices) { TrivialAmbiguities.correlation(seen[$0], against) }
    }

    /// How much of the amplitude in some voxels of the pattern outlives averaging over the starts, 0 ... 1: the phase
    /// retrieval transfer function (Chapman et al. 2006, Journal of the Optical Society of America A 23, 1179-1200), each
    /// voxel weighted by its amplitude.
    public func phaseTransfer(over voxels: [Int]) -> Double {
        var (averaged, amplitudes) = (0.0, 0.0)
        for voxel in voxels {
            var (real, imaginary) = (0.0, 0.0)
            for spectrum in spectra {
                let value = spectrum.storage[voxel]
                real += Double(value.real)
                imaginary += Double(value.imaginary)
                amplitudes += Double(value.squaredModulus).squareRoot()
            }
            averaged += (real * real + imaginary * imaginary).squareRoot()
        }
        return amplitudes > 0 ? averaged / amplitudes : 0
    }

    private func blurred(_ spectra: [Volume<ComplexFloat>], by width: Double) -> [Volume<ComplexFloat>] {
        guard width > 0, let shape = spectra.first?.shape else { return spectra }
        let factors = shape.extents.map { extent in
            (0..<extent).map { Float(exp(-2 * pow(.pi * width * Double($0 - extent / 2) / Double(extent), 2))) }
        }
        return spectra.map { spectrum in
            var spectrum = spectrum
            var voxel = 0
            for frame in factors[0] {
                for row in factors[1] {
                    for column in factors[2] {
                        spectrum.storage[voxel] = spectrum.storage[voxel] * (frame * row * column)
                        voxel += 1
                    }
                }
            }
            return spectrum
        }
    }
}
