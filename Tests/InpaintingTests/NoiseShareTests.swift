import Diffraction
import Foundation
import Testing
import Volume

@testable import Inpainting

@Suite struct NoiseShareTests {
    static let shape = VolumeShape(frames: 24, rows: 24, columns: 24)

    /// The share in a tile without gaps whose counts follow an expectation, against the mean of the true roots.
    private func share(_ expectation: (_ column: Int) -> Double) -> Float {
        var generator = SeededGenerator(seed: 11)
        let counts = generator.poisson(
            means: (0..<Self.shape.count).map { Float(expectation($0 % Self.shape.columns)) })
        let masks = [PixelMask](repeating: PixelMask(shape: Self.shape.frame), count: Self.shape.frames)
        let grid = PeriodicGrid(tile: Self.shape)
        let voxels = TileVoxels(
            counts: Volume(shape: Self.shape, storage: counts), masks: masks, guesses: masks,
            sums: MeasuredSums(groups: []), grid: grid)
        let field = KrigingField(voxels, background: LocalBackground(voxels, grid: grid), grid: grid)
        return NoiseShare(of: field, voxels: voxels, shape: Self.shape).share
    }

    @Test(arguments: [0.3, 1, 10, 1000]) func aFlatFieldIsNothingButNoise(expectation: Double) {
        let share = share { _ in expectation }
        #expect(share > 0.93 && share <= 1)
    }

    @Test func brightFringesHoldHardlyAnyNoise() {
        let share = share { 3000 * (1.2 + sin(0.7 * Double($0))) }
        #expect(share < 0.02)
    }

    @Test func dimmerFringesHoldMoreNoise() {
        let shares = [1000.0, 30, 1].map { peak in share { peak * (1.2 + sin(0.7 * Double($0))) } }
        #expect(shares[0] < shares[1] && shares[1] < shares[2])
    }

    @Test(arguments: [0.2, 1, 5, 60, 390, 5000]) func theNoiseOfRootsFollowsFromTheirMean(expectation: Double) {
        let moments = PhotonNoise.exactMoments(expectation) { Double(CountRoot.of(Float($0))) }
        #expect(abs(CountRoot.noise(meanRoot: moments.mean) / moments.variance - 1) < 0.03)
    }

    @Test func whatHoldsNoCountHasNoNoise() { #expect(CountRoot.noise(meanRoot: CountRoot.ofNone) == 0) }

    @Test(arguments: [0, 1, 7, 2048, 1e7] as [Float]) func aRootLeadsBackToItsCount(count: Float) {
        #expect(abs(CountRoot.count(CountRoot.of(count)) - count) <= 1e-5 * max(1, count))
    }
}
