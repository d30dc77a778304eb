import Diffraction
import Foundation
import Testing

@Suite struct SeededGeneratorTests {
    private func numbers(_ generator: SeededGenerator) -> [UInt64] {
        var generator = generator
        return (0..<100).map { _ in generator.next() }
    }

    @Test func seedAndStreamDecideEverything() {
        #expect(numbers(SeededGenerator(seed: 7, stream: 1, 2)) == numbers(SeededGenerator(seed: 7, stream: 1, 2)))
        let all = [
            SeededGenerator(seed: 7), SeededGenerator(seed: 8), SeededGenerator(seed: 7, stream: 0),
            SeededGenerator(seed: 7, stream: 1), SeededGenerator(seed: 7, stream: 1, 0),
            SeededGenerator(seed: 7, stream: 0, 1),
        ]
        #expect(Set(all.flatMap(numbers)).count == 600)
    }

    @Test func streamsAreUncorrelated() {
        var (first, second) = (SeededGenerator(seed: 3, stream: 0), SeededGenerator(seed: 3, stream: 1))
        let count = 20_000
        let correlation = (0..<count).reduce(0) { sum, _ in sum + (first.uniform() - 0.5) * (second.uniform() - 0.5) }
        #expect(abs(correlation) < 5 * (Double(count)).squareRoot() / 12)
    }

    @Test func normalDeviatesHaveTheirMoments() {
        var generator = SeededGenerator(seed: 4)
        let values = (0..<20_000).map { _ in generator.normal() }
        func moment(_ power: Int) -> Double {
            values.reduce(0) { $0 + pow($1, Double(power)) } / Double(values.count)
        }
        #expect(abs(moment(1)) < 0.035)
        #expect(abs(moment(2) - 1) < 0.05)
        #expect(abs(moment(3)) < 0.14)
        #expect(abs(moment(4) - 3) < 0.35)
    }

    @Test(arguments: [0.02, 0.5, 3, 9.99, 10, 30, 1000, 1e6, 1e9])
    func poissonDeviatesHaveTheirMoments(mean: Double) {
        var generator = SeededGenerator(seed: 5)
        let count = 20_000.0
        let values = (0..<Int(count)).map { _ in Double(generator.poisson(mean: mean)) - mean }
        let shift = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + $1 * $1 } / count
        #expect(abs(shift) < 4.5 * (mean / count).squareRoot())
        #expect(abs(variance - mean) < 4.5 * ((mean + 2 * mean * mean) / count).squareRoot())
    }

    /// Pearson's chi² against the probabilities, tails gathered where less than 20 are expected.
    @Test(arguments: [0.5, 4, 9.99, 10, 14, 60, 300]) func poissonDeviatesHaveTheirDistribution(mean: Double) {
        var generator = SeededGenerator(seed: 6)
        let count = 40_000
        var seen = [Double](repeating: 0, count: Int(mean + 12 * mean.squareRoot() + 20))
        for _ in 0..<count { seen[Int(generator.poisson(mean: mean))] += 1 }

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

    @Test func nothingIsCountedWhereNothingIsExpected() {
        var generator = SeededGenerator(seed: 1)
        #expect((0..<1000).allSatisfy { _ in generator.poisson(mean: 0) == 0 })
        #expect(generator.poisson(mean: 1e12) == .max)
    }
}
