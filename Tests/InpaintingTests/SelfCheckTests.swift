import Detectors
import Foundation
import Testing
import Volume

@testable import Inpainting

@Suite struct SelfCheckTests {
    private func check(data: (Int, Int, Int) -> Float) -> SelfCheck.Score {
        let shape = VolumeShape(frames: 40, rows: 96, columns: 96)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 40..<46)
        var volume = Volume<Float>(shape: shape, repeating: 0)
        for frame in 0..<40 {
            for row in 0..<96 {
                for column in 0..<96 { volume[frame, row, column] = data(frame, row, column) }
            }
        }
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        let block = FrameBlock(data: volume, plans: [GapPlan](repeating: plan, count: shape.frames))
        var check = SelfCheck(
            fillers: [Interpolation(.linear)], mask: mask, rowGaps: [], columnGaps: [40..<46], maximumWidth: 44)
        check.add(block, firstFrame: 0)
        return check.scores[0]
    }

    @Test func aSmoothPatternIsFilledNearlyPerfectly() throws {
        let score = check { expm1(3 + 0.02 * Float($2) + sin(0.4 * Float($1)) * cos(0.3 * Float($0))) }
        #expect(try #require(score.pcc) > 0.9999)
        // Two sides, three windows along the gap, two groups of frames.
        #expect(score.samples == 12)
        #expect(try #require(score.misfit) < 0.1)
    }

    @Test func windowsWithoutSignalDoNotCount() {
        let score = check { $2 > 80 && $1 == 3 ? 100 : Float($0 % 7 == 0 ? 1 : 0) }
        #expect(score == SelfCheck.Score(pcc: nil, misfit: nil, samples: 0))
    }

    @Test func photonNoiseFollowsThePoissonDistribution() {
        // By hand for expectation 1: Σ e⁻¹/n! (log(1+n) − log 2)² = 0.1768 + 0 + 0.0302 + 0.0295 + 0.0129 + 0.0045.
        #expect(abs(PhotonNoise.squaredError(expectation: 1) - 0.2539) < 0.001)
        #expect(abs(PhotonNoise.squaredError(expectation: 1e4) - 1e-4) < 1e-6)
        #expect(PhotonNoise.squaredError(expectation: 0) == 0)
        // Continuous where the table ends.
        let below = PhotonNoise.squaredError(expectation: 399.99)
        let above = PhotonNoise.squaredError(expectation: 400.01)
        #expect(abs(below / above - 1) < 0.02)
    }
}
