import Foundation
import Testing
import Volume

@testable import Studies

/// Scores against values worked out by hand.
@Suite struct ScoreTests {
    private static let shape = VolumeShape(frames: 1, rows: 1, columns: 5)

    /// A volume whose log(1+I) is given.
    private static func volume(logs: [Double]) -> Volume<Float> {
        Volume(shape: shape, storage: logs.map { Float(expm1($0)) })
    }

    @Test func theCorrelationIsThatOfTheLogarithmsOfTheHiddenVoxels() {
        // Voxels 0 and 4 are not hidden and would spoil it. Over 1, 2, 3 against 1, 3, 2: covariance 1/3, variances 2/3.
        let score = WindowScore(
            fill: Self.volume(logs: [9, 1, 3, 2, 0]), counts: Self.volume(logs: [0, 1, 2, 3, 9]),
            noiseFree: Self.volume(logs: [0, 2, 6, 4, 0]), hidden: [1, 2, 3])
        #expect(abs(score.pcc - 0.5) < 1e-6)
        #expect(abs((score.pccNoiseFree ?? 0) - 1) < 1e-6)
        #expect(abs(score.squaredError - 2) < 1e-5)
        #expect(score.coverage.voxels == 0)
    }

    @Test func aFillThatDoesNotVaryCorrelatesWithNothing() {
        let score = WindowScore(
            fill: Self.volume(logs: [1, 1, 1, 1, 1]), counts: Self.volume(logs: [1, 2, 3, 4, 5]), hidden: [0, 1, 2])
        #expect(score.pcc == 0 && score.pccNoiseFree == nil)
    }

    @Test func coverageCountsTheVoxelsWithinOneAndTwoStatedUncertainties() throws {
        let fill = Volume<Float>(shape: Self.shape, repeating: 10)
        let counts = Volume<Float>(shape: Self.shape, storage: [12, 5, 10, 19, 10])
        // Photon noise alone, 3.2 counts, and one voxel without a stated uncertainty.
        let errors = Volume<Float>(shape: Self.shape, storage: [2, 2, 1, 2, .nan])
        let score = WindowScore(fill: fill, errors: errors, counts: counts, hidden: [0, 1, 2, 3, 4])
        #expect(score.coverage.voxels == 4)
        let shares = try #require(score.coverage.shares)
        #expect(shares == (0.5, 0.75))
    }

    @Test func aMeanKnowsItsSpreadOverWindowsAndVolumes() throws {
        let estimate = try #require(MeanEstimate([(1, 0), (3, 0), (5, 1), (7, 1)]))
        #expect(estimate.mean == 4)
        // Sample variance 20/3 over 4 windows; residuals -4 and 4 of two volumes: sqrt(32 * 2 / 1) / 4 = 2.
        #expect(abs((estimate.standardError ?? 0) - (20.0 / 12).squareRoot()) < 1e-12)
        #expect(abs((estimate.standardErrorOverVolumes ?? 0) - 2) < 1e-12)
        #expect(MeanEstimate([]) == nil)
        #expect(MeanEstimate([(1, 0)])?.standardError == nil)
    }

    @Test func binsAreEvenInTheLogarithmOfTheCounts() throws {
        let bins = try #require(IntensityBins(meanCounts: [0.1, 10, 1, 0]))
        #expect(bins.range == -1...1)
        #expect(bins.bin(ofMeanCounts: 0.1) == 0 && bins.bin(ofMeanCounts: 10) == 19)
        #expect(bins.bin(ofMeanCounts: 1.05) == 10 && bins.bin(ofMeanCounts: 0.95) == 9)
        #expect(abs(bins.middle(of: 0) - pow(10, -0.95)) < 1e-12)
        #expect(IntensityBins(meanCounts: []) == nil)
    }

    @Test func thePaperAveragesOverBinsAndNotOverWindows() {
        // Three windows in the first bin, one in the last: (0.3 + 0.9) / 2.
        let mean = IntensityBins.meanOfBinMeans([(0.2, 1), (0.3, 1), (0.4, 1), (0.9, 100)])
        #expect(abs((mean ?? 0) - 0.6) < 1e-12)
    }

    @Test(arguments: [(0.2, "<0.5"), (0.5, "0.5-1"), (1, "1-2"), (2.9, "2-3"), (3, "3-4"), (4, ">4")])
    func brightnessClassesAreHalfOpen(meanLog: Double, name: String) {
        #expect(BrightnessClass(meanLog: meanLog).rawValue == name)
    }
}
