import Foundation
import Testing
import Volume
import WorkMessages

@testable import Inpainting

@Suite struct GapRegionsTests {
    @Test func bandsAndOtherGapsAreToldApart() {
        var mask = PixelMask(shape: FrameShape(rows: 100, columns: 120))
        mask.mask(rows: 40..<46, columns: 0..<120)
        mask.mask(rows: 0..<100, columns: 70..<74)
        mask.mask(rows: 10..<11, columns: 10..<60)  // too short to be a gap of its own
        mask.mask(rows: 60..<62, columns: 5..<65)  // long enough
        mask.mask(rows: 80..<83, columns: 20..<23)
        let regions = GapRegions(mask: mask)
        #expect(regions.regions.map(\.width) == [4, 6, 1, 2, 3])
        #expect(regions.regions.prefix(2).map(\.name) == ["columns 70:74", "rows 40:46"])
        #expect(regions.regions.dropFirst(2).map(\.name) == ["spots", "part at row 60, column 5", "spots"])
        let labels = { (row: Int, column: Int) in regions.labels[row * 120 + column] }
        #expect(labels(42, 71) == 1, "where bands cross, the wider counts")
        #expect(labels(0, 71) == 0 && labels(61, 30) == 3 && labels(10, 20) == 2 && labels(0, 0) == 5)
    }
}

@Suite struct GapQualityTests {
    /// Normal errors of known size in log(1+I): the expected correlation is the true one.
    @Test(arguments: [0.2, 0.6, 1.5])
    func theExpectedCorrelationIsTheTrueOne(spread: Double) throws {
        var generator = SeededGenerator(state: 7)
        var quality = GapQuality()
        var correlation = Correlation()
        for _ in 0..<40_000 {
            let mean = 6 + generator.normal()
            let (stated, error) = StatedError.counts(mean: Float(mean), deviation: Float(spread))
            quality.add(estimate: stated, error: error)
            correlation.add(mean, mean + spread * generator.normal())
        }
        let expected = try #require(quality.expectedPCC)
        #expect(abs(expected - (correlation.pearson ?? 0)) < 0.01)
        #expect(try #require(quality.attainablePCC) > expected)
    }

    @Test func aPerfectFillReachesWhatPhotonNoiseAllows() throws {
        var generator = SeededGenerator(state: 3)
        var quality = GapQuality()
        for _ in 0..<5_000 {
            let estimate = Float(exp(3 + generator.normal()))
            quality.add(estimate: estimate, error: 1e-3)
        }
        let (expected, limit) = (try #require(quality.expectedPCC), try #require(quality.attainablePCC))
        #expect(abs(expected - limit) < 1e-3 && limit < 1)
    }

    @Test func withoutUncertaintiesNothingIsExpected() {
        var quality = GapQuality()
        for count in [1, 5, 9] { quality.add(estimate: Float(count), error: nil) }
        #expect(quality.expectedPCC == nil && quality.voxels == 3 && quality.counts == 15)
    }

    @Test(arguments: [
        (0.95, 0.96, 8, 1.05, FillVerdict.trust), (0.90, 0.96, 8, 1.0, .boundsOnly), (0.95, 0.96, 8, 1.3, .boundsOnly),
        (0.60, 0.95, 8, 1.0, .leaveFree), (0.95, 0.96, 8, 1.48, .boundsOnly), (0.95, 0.96, 8, 0.43, .leaveFree),
        (0.95, 0.96, 0, 1.0, .unknown), (0.3, 0.4, 8, 1.0, .leaveFree),
    ])
    func rule(expected: Double, attainable: Double, samples: Int, ratio: Double, verdict: FillVerdict) {
        let hidden = HiddenGapFigures(samples: samples, intensityRatio: ratio)
        let (found, reason) = VerdictRule.verdict(expected: expected, attainable: attainable, hidden: hidden)
        #expect(found == verdict, "\(reason)")
        if verdict == .unknown { #expect(reason == "nothing could be checked") }
        if ratio == 1.48 { #expect(reason.contains("1.48 times their intensity")) }
    }

    /// A gap whose counts lie in few bright voxels, each uncertain by half: the sum is about as uncertain as each.
    @Test func aGapWithItsCountsInFewUncertainVoxelsIsNotTrusted() throws {
        var (even, peaked) = (GapQuality(width: 6), GapQuality(width: 6))
        for voxel in 0..<6000 {
            let isBright = voxel < 60
            even.add(estimate: 1000, error: 100)
            peaked.add(estimate: isBright ? 100_000 : 1000, error: isBright ? 50_000 : 100)
        }
        // Photon noise, and what the errors have beyond it, 20 x 6 voxels together.
        let variance = 6000.0 * (1000 + 20 * 6 * (100 * 100 - 1000))
        #expect(abs(try #require(even.intensityUncertainty) - variance.squareRoot() / 6_000_000) < 1e-6)
        #expect(try #require(peaked.intensityUncertainty) > 0.25)
        let hidden = HiddenGapFigures(samples: 8, intensityRatio: 1)
        let (found, reason) = VerdictRule.verdict(
            expected: 0.95, attainable: 0.96, hidden: hidden, uncertainty: 0.27)
        #expect(found == .boundsOnly && reason.contains("its intensity is uncertain by 27 %"))
    }

    @Test func onlyHiddenGapsOfTheWidthTell() {
        let windows = [6, 6, 41].map { HiddenWindow(width: $0, truth: 100, estimate: $0 == 6 ? 110 : 148) }
        #expect(HiddenGapFigures(windows, width: 6) == HiddenGapFigures(samples: 2, intensityRatio: 1.1))
        #expect(HiddenGapFigures(windows, width: 41).intensityRatio == 1.48)
        #expect(HiddenGapFigures(windows, width: 12) == HiddenGapFigures())
    }

    /// One bright window decides nothing, and those with hardly a count tell nothing of the intensity.
    @Test func theIntensityIsTheMedianOfTheTellingWindows() {
        let ratios = [(1.1, 200.0), (0.9, 300), (1.05, 100), (5, 1e6), (9, 99)]
        let windows = ratios.map { HiddenWindow(width: 6, truth: $1, estimate: $0 * $1) }
        let figures = HiddenGapFigures(windows, width: 6)
        #expect(figures.samples == 5 && abs((figures.intensityRatio ?? 0) - (1.05 + 1.1) / 2) < 1e-9)
        #expect(HiddenGapFigures(Array(windows.suffix(1)), width: 6).intensityRatio == nil)
    }
}

/// Numbers that are the same in every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A number with mean 0 and deviation 1.
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: 1e-12..<1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }
}
