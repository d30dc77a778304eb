import Detectors
import Testing
import Volume

@testable import Inpainting

@Suite struct EdgePixelCheckTests {
    private static let shape = FrameShape(rows: 40, columns: 50)
    private static let edges = EdgePixels(
        factor: 3,
        lines: [
            .init(axis: .column, index: 20, covers: 20..<23), .init(axis: .column, index: 25, covers: 23..<26),
        ])

    /// A frame that falls off across the seam, whose lines hold the given multiple of what a pixel would.
    private func check(lines: Float, others: Float, level: Float = 20) -> EdgePixelCheck {
        var mask = PixelMask(shape: Self.shape)
        mask.mask(columns: 20..<26)
        var check = EdgePixelCheck(Self.edges, mask: mask)
        var frame = [Float](repeating: 0, count: Self.shape.count)
        for row in 0..<Self.shape.rows {
            for column in 0..<Self.shape.columns {
                let count = level * (1 - 0.01 * Float(column))
                let isLine = column == 20 || column == 25
                frame[row * Self.shape.columns + column] =
                    count * (isLine ? lines : mask[row, column] ? others : 1)
            }
        }
        check.add(frame[...])
        return check
    }

    @Test func sumsAreRecognised() {
        let check = check(lines: 3, others: 0)
        #expect(check.holdsSums)
        #expect(abs((check.ratio ?? 0) - 3) < 0.1)
    }

    @Test(arguments: [(1, 1), (1, 0), (3, 3), (0, 0), (6, 0)] as [(Float, Float)]) func whatIsNoSumIsNotUsed(
        lines: Float, others: Float
    ) {
        #expect(!check(lines: lines, others: others).holdsSums)
    }

    @Test func fewCountsTellNothing() {
        let check = check(lines: 3, others: 0, level: 0.1)
        #expect(check.ratio == nil)
        #expect(!check.holdsSums)
    }
}
