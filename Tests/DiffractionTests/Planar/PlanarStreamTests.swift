import Fourier
import Testing
import Volume

@testable import Diffraction

@Suite struct PlanarStreamTests {
    private let stream = PlanarStream(seed: 5)
    private let shape = FrameShape(rows: 128, columns: 128)

    @Test func seedAndIndexDecideAPattern() {
        let pattern = stream.pattern(3, shape: shape)
        #expect(PlanarStream(seed: 5).pattern(3, shape: shape).counts == pattern.counts)
        #expect(stream.pattern(4, shape: shape).counts != pattern.counts)
        #expect(PlanarStream(seed: 6).pattern(3, shape: shape).counts != pattern.counts)
    }

    @Test func photonsAreCountedAroundAPeakInTheMiddle() {
        for index in 0..<10 {
            let pattern = stream.pattern(index, shape: shape)
            #expect(PlanarStream.oversampling.contains(pattern.oversampling))
            #expect(PlanarStream.peakCounts.contains(pattern.peakCounts))
            let peak = pattern.expected[0, 64, 64]
            #expect(peak == pattern.expected.storage.max())
            #expect(abs(Double(peak) / pattern.peakCounts - 1) < 1e-5)
            #expect(pattern.counts.storage.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
            let expected = pattern.expected.storage.reduce(0) { $0 + Double($1) }
            let counted = pattern.counts.storage.reduce(0) { $0 + Double($1) }
            #expect(abs(counted - expected) < 6 * expected.squareRoot() + 1)
        }
    }

    /// The finest fringes are those between the ends of the particle: the autocorrelation ends at its extent.
    @Test(arguments: [2, 3.3, 6]) func oversamplingIsPixelsPerFringe(oversampling: Double) {
        for index in 0..<8 {
            let pattern = stream.pattern(index, shape: shape, oversampling: oversampling)
            #expect(pattern.oversampling == oversampling)
            var correlation = pattern.expected.storage.map { ComplexFloat($0) }
            FourierTransform3D(shape: pattern.expected.shape).forward(&correlation)
            let extent = 128 / oversampling
            // Longest lag along rows or columns of which something is left.
            var longest = 0
            for pixel in correlation.indices
            where correlation[pixel].squaredModulus > 1e-8 * correlation[0].squaredModulus {
                let (row, column) = (pixel / 128, pixel % 128)
                longest = max(longest, min(row, 128 - row), min(column, 128 - column))
            }
            if oversampling > 2 { #expect(Double(longest) < extent + 12) }
            #expect(Double(longest) > 0.7 * extent)
        }
    }

    @Test func theSameParticleKeepsItsPhotonsAtAnyOversampling() {
        for index in 0..<8 {
            let sums = [3.0, 4, 5].map { oversampling in
                stream.pattern(index, shape: shape, oversampling: oversampling).expected.storage
                    .reduce(0) { $0 + Double($1) }
            }
            #expect((sums.max() ?? 0) < 1.4 * (sums.min() ?? 0))
        }
    }

    @Test func aPatchIsAPatternWithAGap() {
        let volume = VolumeShape(frames: 1, frame: shape)
        let patch = stream.patch(2, shape: volume, gaps: .seams)
        #expect(patch.counts == stream.pattern(2, shape: shape).counts)
        #expect([3, 6, 9, 12].contains(patch.gapWidth))
        #expect(patch.mask == stream.patch(2, shape: volume, gaps: .seams).mask)
        #expect(patch.mask.maskedCount >= patch.gapWidth * 128)
    }
}
