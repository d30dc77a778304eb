import Fourier
import Testing
import Volume

@testable import Diffraction

/// One iteration at a time.
@Suite struct PhasingStepTests {
    /// Odd and uneven extents.
    private static let shape = VolumeShape(frames: 5, rows: 7, columns: 6)

    /// Amplitudes of which some are measured, some bounded and some free, and a support.
    private static func problem(_ shape: VolumeShape) -> (bounds: AmplitudeBounds, support: [Bool]) {
        var generator = SeededGenerator(seed: 3)
        let counts = (0..<shape.count).map { _ in Float(generator.poisson(mean: 20)) }
        var bounds = AmplitudeBounds(counts: Volume(shape: shape, storage: counts))
        for voxel in 0..<shape.count where voxel % 5 == 0 { bounds.free(voxel) }
        for voxel in 0..<shape.count where voxel % 5 == 1 { bounds.bound(voxel, near: counts[voxel], margin: 9) }
        return (bounds, (0..<shape.count).map { _ in generator.uniform() < 0.4 })
    }

    /// The textbook's iteration, on whole volumes and in the pattern's own order.
    private static func step(
        _ object: Volume<ComplexFloat>, _ bounds: AmplitudeBounds, _ support: [Bool], kept: Float, taken: Float
    ) -> [ComplexFloat] {
        let shape = object.shape
        let transform = FourierTransform3D(shape: shape)
        var values = object.storage
        transform.forward(&values)
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let index = (frame * shape.rows + row) * shape.columns + column
                    let voxel =
                        ((frame + shape.frames / 2) % shape.frames * shape.rows + (row + shape.rows / 2) % shape.rows)
                        * shape.columns + (column + shape.columns / 2) % shape.columns
                    let modulus = values[index].squaredModulus.squareRoot()
                    values[index] =
                        values[index] * (min(max(modulus, bounds.lower[voxel]), bounds.upper[voxel]) / modulus)
                }
            }
        }
        transform.inverse(&values)
        for (voxel, isInside) in support.enumerated() where !isInside {
            let (old, new) = (object.storage[voxel], values[voxel])
            values[voxel] = ComplexFloat(
                kept * old.real + taken * new.real, kept * old.imaginary + taken * new.imaginary)
        }
        return values
    }

    @Test(
        arguments: [
            (PhasingAlgorithm.errorReduction, Float(0), Float(0)), (.hybridInputOutput(0.8), 1, -0.8),
            (.relaxedReflections(0.9), 0.9, -0.8),
        ], [false, true])
    func anIterationIsTheTextbooks(
        of: (algorithm: PhasingAlgorithm, kept: Float, taken: Float), leavingEstimatesFree: Bool
    ) {
        let (bounds, support) = Self.problem(Self.shape)
        let retrieval = PhaseRetrieval(bounds)
        var held = bounds
        for voxel in 0..<Self.shape.count where leavingEstimatesFree && !bounds.isMeasured(voxel) { held.free(voxel) }
        retrieval.start(support: support, seed: 1)
        retrieval.iterate(.hybridInputOutput(0.5), 1)
        let expected = Self.step(retrieval.object, held, support, kept: of.kept, taken: of.taken)
        retrieval.iterate(of.algorithm, 1, leavingEstimatesFree: leavingEstimatesFree)
        let distance = zip(retrieval.object.storage, expected).map {
            max(abs($0.real - $1.real), abs($0.imaginary - $1.imaginary))
        }
        #expect((distance.max() ?? 1) < 1e-5)
    }

    @Test func bringingAmplitudesWithinTheirBoundsTwiceIsOnce() {
        let (bounds, _) = Self.problem(Self.shape)
        let retrieval = PhaseRetrieval(bounds)
        retrieval.start(support: [Bool](repeating: true, count: Self.shape.count), seed: 1)
        retrieval.iterate(.errorReduction, 2)
        #expect(retrieval.errors[0] > 0.1 && retrieval.errors[1] < 1e-5)
        let intensities = retrieval.intensities()
        for voxel in 0..<Self.shape.count {
            let amplitude = intensities.storage[voxel].squareRoot()
            #expect(amplitude > bounds.lower[voxel] - 1e-4 && amplitude < bounds.upper[voxel] + 1e-4)
        }
    }

    @Test func boundsAreTheRootsOfWhatIsSaidOfTheCounts() {
        var bounds = AmplitudeBounds(counts: Volume(shape: VolumeShape(frames: 1, rows: 1, columns: 4), repeating: 16))
        bounds.bound(1, near: 30, margin: 6)
        bounds.bound(2, near: 3, margin: 6)
        bounds.free(3)
        #expect(bounds.lower == [4, Float(24).squareRoot(), 0, 0])
        #expect(bounds.upper == [4, 6, 3, .infinity])
        #expect((0..<4).map(bounds.isMeasured) == [true, false, false, false])
    }

    /// Estimates far from what the object would make of free voxels hold the pattern there until they are let go.
    @Test func estimatesHoldThePatternUntilTheyAreLeftFree() {
        let counts = Volume<Float>(shape: Self.shape, repeating: 20)
        var bounds = AmplitudeBounds(counts: counts)
        let estimated = (0..<Self.shape.count).filter { $0 % 3 == 0 }
        for voxel in estimated { bounds.bound(voxel, near: 400, margin: 40) }
        let retrieval = PhaseRetrieval(bounds)
        retrieval.start(support: [Bool](repeating: true, count: Self.shape.count), seed: 1)
        func inside() -> Int {
            let intensities = retrieval.intensities()
            return estimated.count { (359...441).contains(intensities.storage[$0]) }
        }
        retrieval.iterate(.errorReduction, 1, leavingEstimatesFree: true)
        #expect(inside() < estimated.count / 4)
        retrieval.iterate(.errorReduction, 1)
        #expect(inside() == estimated.count)
    }

    @Test func errorReductionNeverLetsTheErrorRise() {
        let shape = VolumeShape(frames: 12, rows: 10, columns: 14)
        let (bounds, support) = Self.problem(shape)
        let retrieval = PhaseRetrieval(bounds)
        retrieval.start(support: support, seed: 2)
        retrieval.iterate(.errorReduction, 60)
        // The start lies in the support, and so does each object after it.
        for (before, after) in zip(retrieval.errors, retrieval.errors.dropFirst()) {
            #expect(after <= before * (1 + 1e-6))
        }
        #expect(zip(retrieval.object.storage, support).allSatisfy { $1 || $0 == ComplexFloat(0) })
    }

    @Test func theSameSeedGivesTheSameBytes() {
        let shape = VolumeShape(frames: 12, rows: 10, columns: 14)
        let (bounds, support) = Self.problem(shape)
        func run(seed: UInt64) -> (Volume<ComplexFloat>, [Double]) {
            let retrieval = PhaseRetrieval(bounds)
            retrieval.start(support: support, seed: seed)
            retrieval.run(PhasingSchedule([.init(.relaxedReflections(0.9), iterations: 25)]))
            return (retrieval.object, retrieval.errors)
        }
        let (first, again, other) = (run(seed: 5), run(seed: 5), run(seed: 6))
        #expect(first.0 == again.0 && first.1 == again.1)
        #expect(first.0 != other.0)
    }
}
