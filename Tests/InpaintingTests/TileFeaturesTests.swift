import Foundation
import Testing
import Volume

@testable import Inpainting

@Suite struct TileFeaturesTests {
    private static let shape = VolumeShape(frames: 1, rows: 2, columns: 3)

    private static func volume(_ values: [Float]) -> Volume<Float> { Volume(shape: shape, storage: values) }

    @Test func eachChannelTellsWhatItIsSaidTo() {
        let estimate = TileEstimate(
            mean: Self.volume([1, 2, 3, 4, 5, 20]), deviation: Self.volume([0, 0.4, 0, 0, 0, 0]),
            scale: Self.volume([0, 0.5, 0, 0, 0, 0]),
            background: Self.volume([1, 1, 2, 2, 3, 3]), signalShare: 1)
        var mask = PixelMask(shape: Self.shape.frame)
        mask[0, 1] = true
        let mirror = Self.volume([.nan, expm1(2.5), 0, .nan, .nan, .nan])
        let extents = VolumeShape(frames: 2, rows: 4, columns: 4)
        let channels = GapNetwork.inputChannels
        var input = [Float](repeating: 7, count: extents.count * channels)
        input.withUnsafeMutableBufferPointer {
            TileFeatures.write(estimate, masks: [mask], mirror: mirror, extents: extents, to: $0)
        }
        func found(_ row: Int, _ column: Int) -> [Float] {
            let start = (row * extents.columns + column) * channels
            return input[start..<start + channels].map { ($0 * 1000).rounded() / 1000 }
        }
        #expect(found(0, 0) == [0, 0, 0, 0.2, 0, 0])
        #expect(found(0, 1) == [1, 1, 0.5, 0.2, 1.5, 1])
        #expect(found(0, 2) == [1, 0, 0, 0.4, -2, 1])
        #expect(found(1, 0) == [2, 0, 0, 0.4, 0, 0])
        // No fringe is stronger than five, and nothing stands beyond the tile.
        #expect(found(1, 2) == [5, 0, 0, 0.6, 0, 0])
        #expect(found(0, 3) == [0, 0, 0, 0, 0, 0] && found(3, 3) == [0, 0, 0, 0, 0, 0])

        input.withUnsafeMutableBufferPointer { TileFeatures.withhold(.otherSide, from: $0) }
        #expect(found(0, 1) == [1, 1, 0.5, 0.2, 0, 1])
    }

    @Test func theAnswerIsAppliedWithinItsBounds() {
        func mean(_ gain: Float, _ shift: Float) -> Float {
            let answer: [Float] = [gain, shift, 0]
            return answer.withUnsafeBufferPointer {
                Correction($0).mean(kriged: 3, background: 1, deviation: 0.4)
            }
        }
        #expect(mean(0, 0) == 3)
        #expect(abs(mean(0.5, 0) - 4) < 1e-6)
        #expect(abs(mean(0, -2) - 2) < 1e-6)
        #expect(abs(mean(0, 100) - 5.5) < 1e-6)
        let spread: [Float] = [0, 0, log(2)]
        #expect(abs(spread.withUnsafeBufferPointer { Correction($0).deviation(kriged: 0.4) } - 1) < 1e-6)
    }
}
