internal import Foundation
public import Fourier
public import Volume

/// A simulated crystal on the lattice of a reconstruction, and its pattern: the truth for phase retrieval.
///
/// Other than in ``ScanSimulation`` the pattern is exactly the transform of an object that the lattice holds: coherent,
/// without background, the Bragg peak in the middle voxel. Hence its phases are known, too.
public struct PhasedCrystal: Sendable {
    /// The crystal in the middle of its volume, (frame, row, column), scaled to the counts.
    public let object: Volume<ComplexFloat>
    /// Its transform, whose squared moduli are the expected counts.
    public let spectrum: Volume<ComplexFloat>
    /// The edges of one voxel of the object in units of the crystal's longest edge.
    public let voxelSize: SIMD3<Double>
    private let seed: UInt64

    /// - Parameter parameters: of these, shape, oversampling, peak counts, seed, strain and modulus noise are used.
    /// - Precondition: all extents are even, the oversampling is at least 1.5, the brightness is that of the peak.
    public init(_ family: CrystalFamily, parameters: ScanParameters) {
        guard case .peak(let peakCounts) = parameters.brightness else {
            preconditionFailure("a crystal of total counts")
        }
        precondition(parameters.oversampling.min() >= 1.5, "an oversampling of \(parameters.oversampling)")
        let shape = parameters.shape
        var generator = SeededGenerator(seed: parameters.seed, stream: 0x5048_4352)
        let crystal = family.crystal(using: &generator).rotated(by: Rotation(using: &generator)).normalized
        let extents = SIMD3(Double(shape.frames), Double(shape.rows), Double(shape.columns))
        let lattice = ObjectLattice(extents: crystal.extents, voxelsAcross: extents / parameters.oversampling)
        let crystalObject = CrystalObject(
            crystal: crystal, on: lattice, imperfections: .init(parameters), using: &generator)

        let place = [shape.frames - lattice.planes, shape.rows - lattice.rows, shape.columns - lattice.columns]
            .map { $0 / 2 }
        precondition(place.allSatisfy { $0 >= 0 }, "a crystal that \(shape) cannot hold")
        var object = Volume(shape: shape, repeating: ComplexFloat(0))
        for plane in 0..<lattice.planes {
            for row in 0..<lattice.rows {
                let source = (plane * lattice.rows + row) * lattice.columns
                let target = object.rowBase(frame: plane + place[0], row: row + place[1]) + place[2]
                for column in 0..<lattice.columns {
                    object.storage[target + column] = ComplexFloat(
                        crystalObject.real[source + column], crystalObject.imaginary[source + column])
                }
            }
        }
        var spectrum = CentredFourierTransform(shape: shape).spectrum(of: object)
        let brightest = spectrum.storage.reduce(0) { max($0, $1.squaredModulus) }
        let scale = Float((peakCounts / Double(brightest)).squareRoot())
        for voxel in object.storage.indices {
            object.storage[voxel] = object.storage[voxel] * scale
            spectrum.storage[voxel] = spectrum.storage[voxel] * scale
        }
        (self.object, self.spectrum, self.voxelSize, self.seed) = (object, spectrum, lattice.spacing, parameters.seed)
    }

    /// Expected counts.
    public var intensities: Volume<Float> {
        Volume(shape: spectrum.shape, storage: spectrum.storage.map(\.squaredModulus))
    }

    /// Photons counted, which photon noise makes of the expected counts; the same each time.
    public var counts: Volume<Float> { counts(with: MeasurementFlaws()) }

    /// The same where the measurement has flaws.
    public func counts(with flaws: MeasurementFlaws) -> Volume<Float> {
        var expected = intensities
        if !flaws.isEmpty { flaws.add(to: &expected, seed: seed) }
        var generator = SeededGenerator(seed: seed, stream: 0x5048_434F)
        return Volume(shape: spectrum.shape, storage: generator.poisson(means: expected.storage))
    }

    /// The voxels whose modulus is above a share of the greatest.
    public func support(above share: Float = 0.05) -> [Bool] {
        let greatest = object.storage.reduce(0) { max($0, $1.squaredModulus) }
        return object.storage.map { $0.squaredModulus > share * share * greatest }
    }

    /// The object that a pattern would give if its phases were known: those of the true one.
    ///
    /// - Parameter intensities: at least 0 each, in the order of the spectrum.
    public func object(with intensities: Volume<Float>) -> Volume<ComplexFloat> {
        precondition(intensities.shape == spectrum.shape, "\(intensities.shape) for a pattern of \(spectrum.shape)")
        var values = spectrum
        for voxel in values.storage.indices {
            let modulus = values.storage[voxel].squaredModulus.squareRoot()
            let scale = modulus > 0 ? intensities.storage[voxel].squareRoot() / modulus : 0
            values.storage[voxel] = values.storage[voxel] * scale
        }
        return CentredFourierTransform(shape: values.shape).object(of: values)
    }
}

/// Measured voxels of which a reconstruction is not told, so that they can judge it.
///
/// They come in cubes of three voxels, since a lone one would follow from its neighbours. The middle of the peak is left
/// out, where a reconstruction depends on each voxel. Source: Favre-Nicolin et al. 2020, Scientific Reports 10, 2664.
public struct HeldOutVoxels: Sendable {
    private let voxels: [Int]
    private let counts: [Float]

    /// Voxels around the peak that stay.
    private static let peakRadius = 4

    /// Draws cubes from a pattern and leaves them to the algorithm.
    ///
    /// - Parameters:
    ///   - counts: in the order of the bounds; not a number where none were measured, whatever the bounds hold there.
    ///   - share: of the voxels to hold out, 0 ... 0.2.
    ///   - seed: the same gives the same cubes.
    public init(from bounds: inout AmplitudeBounds, counts: Volume<Float>, share: Double, seed: UInt64) {
        precondition((0...0.2).contains(share), "a share of \(share) held out")
        let extents = bounds.shape.extents
        var generator = SeededGenerator(seed: seed, stream: 0x4845_4C44)
        var voxels: [Int] = []
        for _ in 0..<Int(share * Double(counts.shape.count) / 27) {
            let centre = extents.map { 1 + min($0 - 3, Int(generator.uniform() * Double($0 - 2))) }
            if zip(centre, extents).allSatisfy({ abs($0 - $1 / 2) <= Self.peakRadius }) { continue }
            for offset in 0..<27 {
                let place = [offset / 9, offset / 3 % 3, offset % 3].enumerated().map { centre[$0] + $1 - 1 }
                let voxel = (place[0] * extents[1] + place[1]) * extents[2] + place[2]
                guard bounds.isMeasured(voxel), !counts.storage[voxel].isNaN else { continue }
                bounds.free(voxel)
                voxels.append(voxel)
            }
        }
        self.voxels = voxels
        self.counts = voxels.map { counts.storage[$0] }
    }

    /// The mean logarithm of the Poisson likelihood of the voxels held out, compared with that of an exact prediction: at
    /// most 0, and 0 where nothing is held out.
    ///
    /// - Parameter intensities: what is expected, in the order of the bounds.
    public func logLikelihood(of intensities: Volume<Float>) -> Double {
        var sum = 0.0
        for (voxel, count) in zip(voxels, counts) {
            // No reconstruction is sure of darkness.
            let expected = max(Double(intensities.storage[voxel]), 0.01)
            let counted = Double(count)
            sum += counted - expected + (counted > 0 ? counted * log(expected / counted) : 0)
        }
        return voxels.isEmpty ? 0 : sum / Double(voxels.count)
    }
}
