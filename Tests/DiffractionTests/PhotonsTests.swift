import Foundation
import Testing

@testable import Diffraction

@Suite struct PhotonsTests {
    @Test(arguments: [0.001, 0.02, 0.5, 1, 3, 5.9, 6, 8, 10, 30, 300, 1e4, 1e6] as [Float])
    func countsHaveTheMomentsOfPoisson(mean: Float) {
        var generator = SeededGenerator(seed: 5)
        let count = 40_000.0
        let mean = Double(mean)
        let deviates = generator.poisson(means: [Float](repeating: Float(mean), count: Int(count)))
        let differences = deviates.map { Double($0) - mean }
        let shift = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + $1 * $1 } / count
        #expect(abs(shift) < 4.5 * (mean / count).squareRoot() + 1e-7 * mean)
        #expect(abs(variance - mean) < 4.5 * ((mean + 2 * mean * mean) / count).squareRoot())
        #expect(deviates.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
    }

    /// Pearson's chi² against the probabilities, tails gathered where less than 20 are expected.
    @Test(arguments: [0.5, 4, 5.9, 6, 9, 14, 60, 300]) func countsHaveTheDistributionOfPoisson(mean: Double) {
        var generator = SeededGenerator(seed: 6)
        let count = 40_000
        var seen = [Double](repeating: 0, count: Int(mean + 12 * mean.squareRoot() + 20))
        for number in generator.poisson(means: [Float](repeating: Float(mean), count: count)) { seen[Int(number)] += 1 }

        var (statistic, bins) = (0.0, 0.0)
        var (expected, observed) = (0.0, 0.0)
        for number in seen.indices {
            expected += Double(count) * exp(Double(number) * log(mean) - mean - lgamma(Double(number) + 1))
            observed += seen[number]
            if expected >= 20 {
                statistic += (observed - expected) * (observed - expected) / expected
                bins += 1
                (expected, observed) = (0, 0)
            }
        }
        let freedom = bins - 1
        #expect(abs(statistic - freedom) < 4.5 * (2 * freedom).squareRoot())
    }

    @Test func eachMeanHasItsCount() {
        var generator = SeededGenerator(seed: 1)
        let counts = generator.poisson(means: [0, 1e6, 0, 1e8])
        #expect(counts[0] == 0 && counts[2] == 0)
        #expect(abs(counts[1] - 1e6) < 6e3 && abs(counts[3] - 1e8) < 6e4)
        #expect(generator.poisson(means: []).isEmpty)
    }

    @Test func theGeneratorMovesOn() {
        var generator = SeededGenerator(seed: 1)
        let means = [Float](repeating: 10, count: 100)
        #expect(generator.poisson(means: means) != generator.poisson(means: means))
    }

    @Test func zigguratDeviatesHaveTheMomentsAndTailsOfTheNormal() {
        var generator = SeededGenerator(seed: 4)
        let count = 400_000
        let values = (0..<count).map { _ in Ziggurat.normal.deviate(using: &generator) }
        func moment(_ power: Int) -> Double { values.reduce(0) { $0 + pow($1, Double(power)) } / Double(count) }
        #expect(abs(moment(1)) < 0.008)
        #expect(abs(moment(2) - 1) < 0.011)
        #expect(abs(moment(3)) < 0.03)
        #expect(abs(moment(4) - 3) < 0.08)
        // 1 and 3 within the layers, 3.6 within the tail.
        for edge in [1.0, 3, 3.6] {
            let expected = Double(count) * erfc(edge / 2.0.squareRoot())
            let found = Double(values.count { abs($0) > edge })
            #expect(abs(found - expected) < 4.5 * expected.squareRoot())
        }
    }
}
