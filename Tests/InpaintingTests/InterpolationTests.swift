import Detectors
import Foundation
import Inpainting
import Testing
import Volume
import WorkMessages

@Suite struct InterpolationTests {
    /// Fills a volume whose log(1+I) is `value(row, column)` times the frame number.
    private func fill(
        _ method: FillMethod, mask: PixelMask, value: (Int, Int) -> Double
    ) -> (filled: FrameBlock, truth: Volume<Float>) {
        let shape = VolumeShape(frames: 3, frame: mask.shape)
        var truth = Volume<Float>(shape: shape, repeating: 0)
        for frame in 0..<3 {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    truth[frame, row, column] = Float(expm1(Double(frame) * value(row, column)))
                }
            }
        }
        var gapped = truth
        for frame in 0..<3 {
            for pixel in 0..<shape.frame.count where mask.storage[pixel] {
                gapped.storage[frame * shape.frame.count + pixel] = 12345
            }
        }
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        var block = FrameBlock(data: gapped, plans: [plan, plan, plan])
        Interpolation(method).fill(&block)
        return (block, truth)
    }

    @Test func cubicEqualsTheFormulaAcrossABand() {
        var mask = PixelMask(shape: FrameShape(rows: 9, columns: 30))
        mask.mask(columns: 12..<17)
        func value(_ column: Int) -> Double { 2 + sin(0.3 * Double(column)) }
        let block = fill(.cubic, mask: mask) { value($1) }.filled
        // The slope at each side is the finite difference over its two neighbours.
        let (before, after, span) = (11, 17, 6.0)
        let slopes = [after, after + 1].map { (value($0) - value($0 == after ? before - 1 : before)) / (span + 1) }
        for column in 12..<17 {
            let t = Double(column - before) / span
            let expected =
                (1 + 2 * t) * (1 - t) * (1 - t) * value(before) + t * (1 - t) * (1 - t) * span * slopes[0]
                + t * t * (3 - 2 * t) * value(after) + t * t * (t - 1) * span * slopes[1]
            #expect(abs(Double(log1p(block.data[1, 4, column])) - expected) < 1e-5)
        }
    }

    /// A pixel is reached along the line on which its gap is narrower.
    @Test(arguments: [true, false]) func theShortWayAcrossAGapIsTaken(isTurned: Bool) {
        var mask = PixelMask(shape: FrameShape(rows: 30, columns: 30))
        let (short, long) = (12..<14, 8..<19)
        mask.mask(rows: isTurned ? long : short, columns: isTurned ? short : long)
        // A plane along the short way, anything along the long one.
        let (block, truth) = fill(.linear, mask: mask) { row, column in
            let (across, along) = isTurned ? (column, row) : (row, column)
            return 0.1 * Double(across) + 1 + sin(Double(along * along))
        }
        for (filled, expected) in zip(block.data.storage, truth.storage) {
            #expect(abs(filled - expected) <= 2e-5 * (1 + expected))
        }
    }

    private var cross: PixelMask {
        var mask = PixelMask(shape: FrameShape(rows: 33, columns: 47))
        mask.mask(rows: 11..<17)
        mask.mask(columns: 20..<32)
        return mask
    }

    @Test(arguments: [FillMethod.linear, .cubic])
    func aPlaneOfTheLogarithmIsContinuedExactly(method: FillMethod) {
        let (block, truth) = fill(method, mask: cross) { 0.05 * Double($0) + 0.02 * Double($1) + 0.3 }
        for (filled, expected) in zip(block.data.storage, truth.storage) {
            #expect(abs(filled - expected) <= 2e-5 * (1 + expected))
        }
    }

    @Test(arguments: [FillMethod.linear, .cubic, .nearest])
    func measuredVoxelsStayAsTheyAre(method: FillMethod) {
        let mask = cross
        let (block, truth) = fill(method, mask: mask) { sin(Double($0)) + cos(0.7 * Double($1)) + 2 }
        for frame in 0..<3 {
            for pixel in 0..<mask.shape.count {
                let index = frame * mask.shape.count + pixel
                if !mask.storage[pixel] { #expect(block.data.storage[index] == truth.storage[index]) }
            }
        }
    }

    @Test func linearEqualsTheFormulaAcrossABand() {
        var mask = PixelMask(shape: FrameShape(rows: 5, columns: 20))
        mask.mask(columns: 8..<12)
        let (block, truth) = fill(.linear, mask: mask) { Double(($0 * 7 + $1 * 3) % 5) / 4 }
        for row in 0..<5 {
            let left = log1p(Double(truth[2, row, 7]))
            let right = log1p(Double(truth[2, row, 12]))
            for column in 8..<12 {
                let expected = expm1(left + (right - left) * Double(column - 7) / 5)
                #expect(abs(Double(block.data[2, row, column]) - expected) < 1e-5 * (1 + expected))
            }
        }
    }

    @Test func nearestTakesTheNearestMeasuredPixel() {
        let (block, truth) = fill(.nearest, mask: cross) { Double($0 * 47 + $1) / 1000 }
        #expect(block.data[2, 5, 21] == truth[2, 5, 19])
        #expect(block.data[2, 5, 30] == truth[2, 5, 32])
        #expect(block.data[2, 12, 25] == truth[2, 10, 19])
    }

    @Test func aSinglePixelIsTheMeanOfItsNeighbours() {
        var mask = PixelMask(shape: FrameShape(rows: 5, columns: 5))
        mask[2, 2] = true
        let (block, truth) = fill(.linear, mask: mask) { Double(($0 * 3 + $1 * 5) % 7) / 3 }
        let neighbours = [(1, 2), (3, 2), (2, 1), (2, 3)].map { log1p(truth[1, $0.0, $0.1]) }
        #expect(abs(log1p(block.data[1, 2, 2]) - neighbours.reduce(0, +) / 4) < 1e-6)
    }
}
