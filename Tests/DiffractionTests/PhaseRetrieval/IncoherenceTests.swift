import Foundation
import Fourier
import Testing
import Volume

@testable import Diffraction

/// Patterns that are not coherent, and steps down the total variation.
@Suite struct IncoherenceTests {
    @Test(arguments: [0.0, 0.2, 0.35, 0.6, 1, 2])
    func tapsAreOfTheVarianceAskedFor(width: Double) {
        let taps = Incoherence.taps(width: width).map(Double.init)
        #expect(abs(2 * taps.reduce(0, +) - taps[0] - 1) < 1e-5 && taps.allSatisfy { $0 > 0 })
        let variance = taps.enumerated().reduce(0) { $0 + 2 * Double($1.offset * $1.offset) * $1.element }
        #expect(abs(variance - width * width) < 5e-3 * max(width * width, 0.1), "\(variance)")
    }

    /// Odd and uneven extents; each axis has a width of its own.
    @Test func expectedCountsAreTheNaiveConvolution() {
        let shape = VolumeShape(frames: 5, rows: 7, columns: 6)
        let incoherence = Incoherence(widths: SIMD3(0.4, 0.9, 1.3), background: 0.5)
        var generator = SeededGenerator(seed: 5)
        let inside = [Bool](repeating: true, count: shape.count)
        var bounds = AmplitudeBounds(counts: Volume(shape: shape, repeating: 1))
        bounds.free(0)
        let retrieval = PhaseRetrieval(bounds)
        retrieval.start(support: inside, seed: UInt64(generator.integer(in: 1...9)))
        let coherent = retrieval.intensities()
        retrieval.incoherence = incoherence
        let expected = retrieval.intensities()
        let taps = [0.4, 0.9, 1.3].map { Incoherence.taps(width: $0) }
        for voxel in 0..<shape.count {
            let (line, column) = (voxel / 6, voxel % 6)
            let (frame, row) = (line / 7, line % 7)
            var sum: Float = 0.5
            for (i, a) in signed(taps[0]) {
                for (j, b) in signed(taps[1]) {
                    for (k, c) in signed(taps[2]) {
                        sum +=
                            a * b * c * coherent[wrapped(frame + i, 5), wrapped(row + j, 7), wrapped(column + k, 6)]
                    }
                }
            }
            #expect(abs(expected.storage[voxel] - sum) < 1e-4 * max(1, sum))
        }
    }

    private func signed(_ taps: [Float]) -> [(Int, Float)] {
        taps.enumerated().flatMap {
            $0.offset == 0 ? [(0, $0.element)] : [($0.offset, $0.element), (-$0.offset, $0.element)]
        }
    }

    private func wrapped(_ index: Int, _ extent: Int) -> Int { (index % extent + extent) % extent }

    /// A blurred pattern: without the correction the object is wrong, with it much less, and the width is found.
    @Test func theCorrectionRecoversABlurredCrystal() {
        var parameters = ScanParameters(
            shape: VolumeShape(frames: 32, rows: 32, columns: 32), oversampling: 4, brightness: .peak(1e6), seed: 4)
        parameters.strain = 1
        let crystal = PhasedCrystal(.wulff, parameters: parameters)
        var flaws = MeasurementFlaws()
        (flaws.blur, flaws.background) = (0.7, 0.5)
        let counts = crystal.counts(with: flaws)
        func found(correcting: Bool) -> (error: ObjectError, widths: SIMD3<Double>) {
            var recipe = PhasingRecipe(support: .known(crystal.support()))
            recipe.starts = 2
            if correcting { recipe.coherenceWidths = [0, 0.4, 0.7, 1] }
            recipe.incoherence.background = correcting ? 0.5 : 0
            let best = recipe.reconstruct(AmplitudeBounds(counts: counts), counts: counts)
            let resolved = TrivialAmbiguities.resolved(best.object, against: crystal.object)
            return (ObjectError(of: resolved, against: crystal.object), best.incoherence.widths)
        }
        let (without, with) = (found(correcting: false), found(correcting: true))
        #expect(with.error.modulus < 0.6 * without.error.modulus, "\(with) \(without)")
        #expect(without.widths == .zero && with.widths == SIMD3(0, 0.7, 0.7), "\(with.widths)")
    }

    @Test func theGradientOfTheTotalVariationIsThatOfDifferences() {
        let shape = VolumeShape(frames: 3, rows: 4, columns: 5)
        var generator = SeededGenerator(seed: 2)
        let values = (0..<shape.count).map { _ in ComplexFloat(Float(generator.normal()), Float(generator.normal())) }
        let object = Volume(shape: shape, storage: values)
        let gradient = TotalVariation.gradient(of: object, softness: 0.3)
        for voxel in 0..<shape.count {
            func slope(_ step: ComplexFloat) -> Double {
                var (up, down) = (object, object)
                up.storage[voxel] = ComplexFloat(
                    values[voxel].real + step.real, values[voxel].imaginary + step.imaginary)
                down.storage[voxel] = ComplexFloat(
                    values[voxel].real - step.real, values[voxel].imaginary - step.imaginary)
                let size = Double(step.real + step.imaginary)
                return (TotalVariation.value(of: up, softness: 0.3) - TotalVariation.value(of: down, softness: 0.3))
                    / (2 * size)
            }
            #expect(abs(slope(ComplexFloat(0.01, 0)) - Double(gradient[voxel].real)) < 5e-3)
            #expect(abs(slope(ComplexFloat(0, 0.01)) - Double(gradient[voxel].imaginary)) < 5e-3)
        }
    }

    @Test func aStepDownLeavesWhatIsOutside() {
        let shape = VolumeShape(frames: 4, rows: 4, columns: 4)
        var generator = SeededGenerator(seed: 7)
        var values = (0..<64).map { _ in ComplexFloat(Float(generator.normal()), Float(generator.normal())) }
        var support = (0..<64).map { UInt8($0 % 3 == 0 ? 0 : 1) }
        let before = values
        func variation(_ values: [ComplexFloat]) -> Double {
            let inside = zip(values, support).map { $1 == 0 ? ComplexFloat(0) : $0 }
            return TotalVariation.value(of: Volume(shape: shape, storage: inside), softness: 0.05)
        }
        let first = variation(values)
        values.withUnsafeMutableBufferPointer { values in
            support.withUnsafeMutableBufferPointer { support in
                TotalVariation.descend(values, support: support, shape: shape, share: 0.01)
            }
        }
        #expect(variation(values) < first)
        for voxel in 0..<64 where support[voxel] == 0 { #expect(values[voxel] == before[voxel]) }
    }

    @Test func startsThatDifferInNothingThatCanBeSeenAgree() {
        var parameters = ScanParameters(
            shape: VolumeShape(frames: 24, rows: 28, columns: 32), oversampling: 3, brightness: .peak(1e6), seed: 8)
        parameters.strain = 2
        let crystal = PhasedCrystal(.random, parameters: parameters)
        let transform = CentredFourierTransform(shape: crystal.object.shape)
        var twin = crystal.spectrum
        twin.storage = twin.storage.map(\.conjugate)
        LinearPhase(ofShift: SIMD3(3.3, -2, 0.6), shape: twin.shape).remove(from: &twin)
        var ramped = transform.object(of: twin)
        LinearPhase(ofShift: SIMD3(0.3, -0.2, 0.4), shape: twin.shape).remove(from: &ramped)
        var other = crystal.object
        for voxel in other.storage.indices where voxel % 32 > 16 {
            other.storage[voxel] = other.storage[voxel] * ComplexFloat(turns: 0.2)
        }
        let ensemble = ObjectEnsemble([crystal.object, ramped, other], reference: crystal.object)
        let (exact, blurred) = (ensemble.agreements(), ensemble.agreements(blur: 1))
        #expect(exact[0] > 0.999 && blurred[0] > 0.999 && exact[1] < 0.95 && exact[2] < 0.95, "\(exact) \(blurred)")
        let all = Array(0..<crystal.object.storage.count)
        let alike = ObjectEnsemble([crystal.object, ramped], reference: crystal.object)
        #expect(alike.phaseTransfer(over: all) > 0.98 && ensemble.phaseTransfer(over: all) < 0.97)
        #expect(alike.likenesses(to: crystal.object, blur: 1).allSatisfy { $0 > 0.999 })
    }
}
