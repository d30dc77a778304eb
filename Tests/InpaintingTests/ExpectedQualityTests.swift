import Detectors
import Foundation
import Testing
import Volume

@testable import Inpainting

/// What a filler's own uncertainties say of the quality of its fill.
@Suite struct ExpectedQualityTests {
    @Test(arguments: [(0.1, 0.3), (2.0, 0.05), (3.0, 0.6), (6.0, 1.4), (9.0, 0.001)])
    func whatIsStatedInCountsIsReadAgain(mean: Float, deviation: Float) {
        let stated = StatedError.counts(mean: mean, deviation: deviation)
        let read = StatedError.logarithmic(estimate: stated.estimate, error: stated.error)
        // None can be surer than photon noise lets it be.
        let noise = PhotonNoise.moments(expectation: expm1(mean)).variance.squareRoot()
        let least = max(deviation, noise)
        #expect(abs(read.mean - mean) < (deviation < noise ? 0.05 : 0.02))
        #expect(abs(read.deviation - least) < 0.02 * max(1, least))
    }

    /// What nothing but photon noise keeps from being known is stated as it is, down to hundredths of a count.
    @Test(arguments: [Float(0.01), 0.1, 0.5, 1, 3, 10, 100, 1e3, 1e6])
    func anExpectationIsStatedAsItIs(expectation: Float) {
        let noise = PhotonNoise.moments(expectation: expectation)
        let stated = StatedError.counts(mean: noise.mean, deviation: noise.variance.squareRoot())
        #expect(abs(stated.estimate / expectation - 1) < 5e-3)
        #expect(abs(stated.error / expectation.squareRoot() - 1) < 0.02)
    }

    /// Estimates whose errors are as large as they are stated correlate with the truth as is expected.
    @Test(arguments: [Float(0.2), 0.6, 1.2])
    func theExpectedCorrelationComesTrue(deviation: Float) throws {
        var generator = NormalDeviates(state: 7)
        var expected = ExpectedCorrelation()
        var pairs: [(Double, Double)] = []
        for _ in 0..<20_000 {
            let mean = 6 + generator.normal()
            let stated = StatedError.counts(mean: mean, deviation: deviation)
            expected.add(estimate: stated.estimate, error: stated.error)
            pairs.append((Double(mean), Double(mean + deviation * generator.normal())))
        }
        let predicted = try #require(expected.pearson())
        #expect(abs(predicted - pearson(pairs)) < 0.02)
    }

    /// Uncertainties that were twice too large in hidden gaps are halved, and hold what they should then.
    @Test func uncertaintiesThatAreTooLargeAreScaledByWhatIsSeen() throws {
        var score = SelfCheckScore()
        score.varianceRatios = [Double](repeating: 0.25, count: 40)
        for step in 0..<SelfCheckScore.stepsPerUnit { score.misses[step] = 1 }
        #expect(abs(score.errorScale - 0.5) < 0.05)
        #expect(abs(try #require(score.share(within: 1)) - 0.5) < 0.1)
        score.varianceRatios = []
        #expect((0.7...1).contains(score.errorScale))

        let shape = VolumeShape(frames: 1, rows: 1, columns: 3)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 1..<2)
        var block = FrameBlock(
            data: Volume(shape: shape, storage: [5, 100, 5]), plans: [GapPlan(mask: mask, maximumWidth: 3)])
        // The scatter of the logarithm is halved, but never that of photon noise.
        for (stated, scaled) in [(Float(60), Float(31.5)...32.5), (16, 9.99...10.01), (8, 9.99...10.01)] {
            block.errors = Volume(shape: shape, storage: [3, stated, 3])
            block.scaleErrors(by: 0.5)
            let errors = try #require(block.errors?.storage)
            #expect(errors[0] == 3 && scaled.contains(errors[1]) && errors[2] == 3, "\(stated): \(errors[1])")
        }
    }

    /// Windows with signal count alike; a gap in the dark says nothing where another one lies in the light.
    @Test func darkWindowsAreLeftOut() throws {
        let shape = VolumeShape(frames: 32, rows: 64, columns: 96)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 20..<26)
        mask.mask(columns: 70..<76)
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        func quality(darkError: Float) -> Double? {
            var data = Volume<Float>(shape: shape, repeating: 0)
            var errors = Volume<Float>(shape: shape, repeating: 0)
            for frame in 0..<shape.frames {
                for row in 0..<shape.rows {
                    for column in 0..<shape.columns {
                        let isLight = column < 48
                        data[frame, row, column] = isLight ? expm1(3 + sin(Float(row + frame))) : 0.01
                        errors[frame, row, column] = isLight ? 0.3 * data[frame, row, column] : darkError
                    }
                }
            }
            var block = FrameBlock(data: data, plans: [GapPlan](repeating: plan, count: shape.frames))
            block.errors = errors
            var quality = ExpectedQuality(mask: mask, shape: shape)
            quality.add(block, firstFrame: 0)
            return quality.pcc()
        }
        let pcc = try #require(quality(darkError: 0.1))
        #expect(pcc > 0.9 && pcc == quality(darkError: 5))
    }

    @Test func aFillWithoutUncertaintiesPromisesNothing() {
        let shape = VolumeShape(frames: 4, rows: 8, columns: 8)
        let plan = GapPlan(mask: PixelMask(shape: shape.frame), maximumWidth: 4)
        var quality = ExpectedQuality(mask: plan.mask, shape: shape)
        quality.add(
            FrameBlock(data: Volume(shape: shape, repeating: 1), plans: [GapPlan](repeating: plan, count: 4)),
            firstFrame: 0)
        #expect(quality.pcc() == nil)
    }

    private func pearson(_ pairs: [(Double, Double)]) -> Double {
        var correlation = Correlation()
        for pair in pairs { correlation.add(pair.0, pair.1) }
        return correlation.pearson ?? .nan
    }
}

/// Normally distributed numbers, the same in every run.
private struct NormalDeviates {
    var state: UInt64

    mutating func normal() -> Float {
        // Twelve even deviates add up to very nearly a normal one.
        (0..<12).reduce(-6) { sum, _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return sum + Float(state >> 40) / Float(1 << 24)
        }
    }
}
