import Detectors
import Foundation
import Testing
import Volume
import WorkMessages

@testable import Inpainting

@Suite struct SelfCheckTests {
    private static let shape = VolumeShape(frames: 40, rows: 96, columns: 96)
    private static let bands = [GapBand(axis: .column, range: 40..<46)]

    private static var mask: PixelMask {
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 40..<46)
        return mask
    }

    private func check(_ data: (Int, Int, Int) -> Float) -> SelfCheck {
        var volume = Volume<Float>(shape: Self.shape, repeating: 0)
        for frame in 0..<Self.shape.frames {
            for row in 0..<Self.shape.rows {
                for column in 0..<Self.shape.columns { volume[frame, row, column] = data(frame, row, column) }
            }
        }
        let plan = GapPlan(mask: Self.mask, maximumWidth: 44)
        let block = FrameBlock(data: volume, plans: [GapPlan](repeating: plan, count: Self.shape.frames))
        var survey = SignalSurvey(mask: Self.mask, bands: Self.bands, frames: Self.shape.frames, maximumWidth: 44)
        survey.add(volume, firstFrame: 0)
        let gaps = survey.draw(1...48, hiding: .max, seed: 0)
        var collector = BoxCollector(gaps.map(\.box), maximumWidth: 44)
        collector.add(block, firstFrame: 0)
        return SelfCheck(gaps, crops: collector.blocks, maximumWidth: 44)
    }

    @Test func aSmoothPatternIsFilledNearlyPerfectly() throws {
        let check = check { expm1(3 + 0.02 * Float($2) + sin(0.4 * Float($1)) * cos(0.3 * Float($0))) }
        let score = check.score(Interpolation(.linear))
        #expect(try #require(score.pcc) > 0.9999)
        // Two sides, three windows along the gap, one group of frames.
        #expect(score.samples == 6)
        #expect(try #require(score.misfit) < 0.1)
        #expect(score.share(within: 1) == nil)
    }

    @Test func theStatedUncertaintyIsCompared() throws {
        /// Fills with 12 counts and says that it may be wrong by four.
        struct Guess: GapFiller {
            func fill(_ block: inout FrameBlock) {
                block.data = Volume(shape: block.data.shape, repeating: 12)
                block.errors = Volume(shape: block.data.shape, repeating: 4)
            }
        }
        // 5, 10, 15 and 20 counts by turns: of a standard deviation of 4 around 12, the second and the third are within
        // one, all but some of the last within two.
        let score = check { Float(5 + 5 * ($0 + $1 + $2) % 20) }.score(Guess())
        #expect(abs(try #require(score.share(within: 1 / score.errorScale)) - 0.5) < 0.01)
        #expect((0.9...1).contains(try #require(score.share(within: 2 / score.errorScale))))
    }

    @Test func windowsWithoutSignalDoNotCount() {
        let check = check { $2 > 80 && $1 == 3 ? 100 : Float($0 % 7 == 0 ? 1 : 0) }
        #expect(check.count == 0)
        #expect(check.score(Interpolation(.linear)) == SelfCheckScore())
    }

    @Test func noFillerSeesWhatItIsToFind() {
        final class Spy: GapFiller {
            func fill(_ block: inout FrameBlock) {
                let seen = block.plans.enumerated().contains { frame, plan in
                    zip(plan.fillable.storage, block.data.storage[block.data.range(ofFrame: frame)])
                        .contains { $0 && $1 != 0 }
                }
                #expect(!seen)
            }
        }
        // Nothing was recorded in the gap itself.
        #expect(check { (40..<46).contains($2) ? 0 : Float(5 + $1 % 3) }.score(Spy()).samples == 0)
    }

    @Test func aGainCountsWhenItIsAboveTwoStandardErrors() {
        func score(_ correlations: [Double?]) -> SelfCheckScore {
            var score = SelfCheckScore()
            score.correlations = correlations
            return score
        }
        let base = score([0.5, 0.6, 0.7, nil])
        #expect(score([0.6, 0.7, 0.8, 0]).isClearlyBetter(than: base))
        #expect(!base.isClearlyBetter(than: base))
        // Gains of 0.1, 0.0 and 0.1: a mean of 0.067, twice its standard error and no more.
        #expect(!score([0.6, 0.6, 0.8, 0]).isClearlyBetter(than: base))
        // 2.3 standard errors: three windows hardly tell how large these are. 2.6 are enough where fifteen do.
        #expect(!score([0.6, 0.61, 0.8, 0]).isClearlyBetter(than: base))
        #expect(score([0.6, 0.65, 0.8, 0]).isClearlyBetter(than: base))
        let (many, manyBefore) = ([Double?](repeating: 0.5, count: 15), [0.6, 0.45, 0.6])
        #expect(score((0..<15).map { manyBefore[$0 % 3] }).isClearlyBetter(than: score(many)))
        #expect(!score([0.9, 0.5, 0.6, 1]).isClearlyBetter(than: base))
        #expect(!score([0.4, 0.5, 0.6, nil]).isClearlyBetter(than: base))
        // One window tells nothing of the others.
        #expect(!score([0.9, nil, nil, nil]).isClearlyBetter(than: base))
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
