import Fourier
import Testing
import Volume

@testable import Diffraction

/// Whole reconstructions of simulated crystals.
@Suite struct PhasingTests {
    private static let shape = VolumeShape(frames: 32, rows: 32, columns: 32)

    /// Enough for so small a crystal.
    private static let short = PhasingSchedule([
        .init(.hybridInputOutput(0.9), iterations: 80), .init(.relaxedReflections(0.9), iterations: 40),
        .init(.errorReduction, iterations: 20),
    ])

    private static func crystal(seed: UInt64 = 4) -> PhasedCrystal {
        var parameters = ScanParameters(
            shape: shape, oversampling: SIMD3(3.2, 3.6, 4), brightness: .peak(1e6), seed: seed)
        parameters.strain = 2
        return PhasedCrystal(.random, parameters: parameters)
    }

    private static func error(_ reconstruction: Reconstruction, _ crystal: PhasedCrystal) -> ObjectError {
        ObjectError(
            of: TrivialAmbiguities.resolved(reconstruction.object, against: crystal.object), against: crystal.object)
    }

    @Test func knownPhasesGiveTheObjectBack() {
        let crystal = Self.crystal()
        let error = ObjectError(of: crystal.object(with: crystal.intensities), against: crystal.object)
        #expect(error.modulus < 1e-5 && error.phase < 1e-5 && error.gradient.max() < 1e-5)
        let noisy = ObjectError(of: crystal.object(with: crystal.counts), against: crystal.object)
        #expect(noisy.modulus < 0.05 && noisy.phase > 1e-4 && noisy.phase < 0.02)
    }

    @Test(arguments: [(false, 0.04, 0.03), (true, 0.05, 0.03)])
    func aCrystalIsFoundWithinAKnownSupport(isNoisy: Bool, modulus: Double, phase: Double) {
        let crystal = Self.crystal()
        let counts = isNoisy ? crystal.counts : crystal.intensities
        var recipe = PhasingRecipe(support: .known(crystal.support()))
        recipe.starts = 1
        recipe.schedule = Self.short
        let error = Self.error(recipe.reconstruct(AmplitudeBounds(counts: counts), counts: counts), crystal)
        #expect(error.modulus < modulus && error.phase < phase, "\(error)")
        #expect(error.gradient.max() < phase, "\(error)")
    }

    @Test func aCrystalIsFoundWithoutItsSupport() {
        let crystal = Self.crystal()
        var recipe = PhasingRecipe(support: .shrinkWrapped(ShrinkWrap()))
        recipe.starts = 2
        recipe.schedule = Self.short
        let reconstruction = recipe.reconstruct(AmplitudeBounds(counts: crystal.counts), counts: crystal.counts)
        let error = Self.error(reconstruction, crystal)
        #expect(error.modulus < 0.1 && error.phase < 0.1, "\(error)")
    }

    @Test func heldOutVoxelsTellAGoodPredictionFromABadOne() {
        let crystal = Self.crystal()
        let counts = crystal.counts
        var bounds = AmplitudeBounds(counts: counts)
        for voxel in 0..<1000 { bounds.free(voxel) }
        let given = bounds
        var measured = counts
        for voxel in 1000..<5000 { measured.storage[voxel] = .nan }
        let heldOut = HeldOutVoxels(from: &bounds, counts: measured, share: 0.05, seed: 1)
        let hidden = (0..<counts.shape.count).count { given.isMeasured($0) && !bounds.isMeasured($0) }
        #expect(Double(hidden) / Double(counts.shape.count) > 0.03)
        #expect((1000..<5000).allSatisfy { bounds.isMeasured($0) })
        let middle = (16 * 32 + 16) * 32 + 16
        #expect(bounds.isMeasured(middle))
        #expect(abs(heldOut.logLikelihood(of: counts)) < 0.02)
        let expected = heldOut.logLikelihood(of: crystal.intensities)
        let flat = heldOut.logLikelihood(of: Volume(shape: counts.shape, repeating: 1))
        #expect(expected < 0 && expected > -1 && flat < expected)
    }
}
