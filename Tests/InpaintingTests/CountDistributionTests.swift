import Foundation
import Testing

@testable import Inpainting

@Suite struct CountDistributionTests {
    /// A mean, a dispersion and a count with the chance of at most as many, from SciPy's `nbinom(k, k / (k + μ))`, k = 1/δ.
    @Test(arguments: [
        (Float(0.1), Float(2), Float(0), 0.9128709292), (3, 0.5, 2, 0.5248), (12, 1, 20, 0.8137931006),
        (40, 0.2, 60, 0.8617033897), (200, 0.3, 150, 0.3807223549), (5000, 1.5, 1000, 0.2744407333),
    ])
    func chancesAreThoseOfTheNegativeBinomialLaw(mean: Float, dispersion: Float, count: Float, chance: Double) {
        let law = CountDistribution(mean: mean, dispersion: dispersion)
        #expect(abs(law.chance(ofAtMost: count) - chance) < (mean < 64 ? 1e-3 : 1.5e-2))
    }

    @Test func withoutDispersionItIsPoissonsLaw() {
        let law = CountDistribution(mean: 2.5, deviation: 1)
        #expect(law.dispersion == 0 && abs(law.standardDeviation - Float(2.5).squareRoot()) < 1e-6)
        #expect(abs(law.chance(ofAtMost: 1) - 3.5 * exp(-2.5)) < 1e-9)
        #expect(law.chance(ofAtMost: -1) == 0)
        for count in [Float(0), 63, 64, 1e6] {
            #expect(CountDistribution(mean: 0, deviation: 1e-3).chance(ofAtMost: count) == 1)
            #expect(CountDistribution(mean: 1e-30, deviation: 1).chance(ofAtMost: count) == 1)
        }
        #expect(CountDistribution(mean: .nan, deviation: .nan).dispersion == 0)
        #expect(CountDistribution.dispersion(logarithmicVariance: .infinity) > 90)
        #expect(CountDistribution.dispersion(logarithmicVariance: .nan).isNaN)
    }

    /// Counts that are drawn from the law lie within its limits as often as is said, however few they are.
    @Test(arguments: [(Float(0.2), Float(0.5)), (4, 1), (300, 0.1)])
    func theCoverageOfItsOwnCountsIsTheShare(mean: Float, dispersion: Float) {
        let law = CountDistribution(mean: mean, dispersion: dispersion)
        for share in [CountDistribution.oneSigma, CountDistribution.twoSigma] {
            var covered = 0.0
            for count in 0..<4000 {
                let count = Float(count)
                let chance = law.chance(ofAtMost: count) - law.chance(ofAtMost: count - 1)
                covered += chance * law.coverage(of: count, holding: share)
            }
            #expect(abs(covered - share) < 1e-3)
        }
    }

    @Test(arguments: [Float(1e-4), 0.01, 0.3, 1, 4, 60, 2000])
    func theScatterOfTheLogarithmGivesTheDispersion(variance: Float) {
        let dispersion = CountDistribution.dispersion(logarithmicVariance: variance)
        let law = CountDistribution(mean: 10, dispersion: dispersion)
        #expect(abs(law.logarithmicVariance - variance) < 2e-3 * variance)
    }

    @Test func trigammaIsThatOfTheTables() {
        #expect(abs(CountDistribution.trigamma(1) - .pi * .pi / 6) < 1e-9)
        #expect(abs(CountDistribution.trigamma(0.5) - .pi * .pi / 2) < 1e-9)
        #expect(abs(CountDistribution.trigamma(20) - 0.0512_7082) < 1e-7)
    }
}
