import Diffraction
import Testing
import Volume

@Suite struct ChipSeamsTests {
    private let shape = FrameShape(rows: 18, columns: 30)
    private let seams = ChipSeams(rows: [7..<11], columns: [6..<10, 20..<22])

    private var truth: [UInt32] {
        var generator = SeededGenerator(seed: 3)
        return (0..<shape.count).map { _ in generator.poisson(mean: 50) }
    }

    private func lines(_ image: [UInt32], columns: Range<Int>, row: Int) -> [UInt32] {
        columns.map { image[row * shape.columns + $0] }
    }

    private func sum(_ image: [UInt32], _ rows: Range<Int>, _ columns: Range<Int>) -> UInt32 {
        rows.reduce(0) { $0 + lines(image, columns: columns, row: $1).reduce(0, +) }
    }

    @Test func rawKeepsEveryPhotonInTheWidePixels() {
        let image = seams.record(truth, shape: shape, fill: .raw)
        #expect(image.reduce(0, +) == truth.reduce(0, +))
        #expect(
            lines(image, columns: 5..<11, row: 2) == [sum(truth, 2..<3, 5..<8), 0, 0, 0, 0, sum(truth, 2..<3, 8..<11)])
        // A seam of two inserted lines has pixels two lines wide.
        #expect(
            lines(image, columns: 19..<23, row: 2) == [sum(truth, 2..<3, 19..<21), 0, 0, sum(truth, 2..<3, 21..<23)])
        // Where seams cross, a pixel is wide both ways.
        #expect(image[6 * 30 + 5] == sum(truth, 6..<9, 5..<8))
        #expect(image[11 * 30 + 10] == sum(truth, 9..<12, 8..<11))
        #expect(lines(image, columns: 0..<5, row: 0) == lines(truth, columns: 0..<5, row: 0))
    }

    @Test func zeroBlanksEdgeAndInsertedLines() {
        let image = seams.record(truth, shape: shape, fill: .zero)
        for row in 0..<18 {
            for column in 0..<30 {
                let isSeam = (6..<12).contains(row) || (5..<11).contains(column) || (19..<23).contains(column)
                #expect(image[row * 30 + column] == (isSeam ? 0 : truth[row * 30 + column]))
            }
        }
    }

    @Test func dispatchSharesEachSumAmongItsLines() {
        let image = seams.record(truth, shape: shape, fill: .dispatch)
        let (left, right) = (sum(truth, 2..<3, 5..<8) / 3, sum(truth, 2..<3, 8..<11) / 3)
        #expect(lines(image, columns: 5..<11, row: 2) == [left, left, left, right, right, right])
        #expect(image[7 * 30 + 6] == sum(truth, 6..<9, 5..<8) / 9)
    }

    @Test func meanRampsFromEdgeToEdge() {
        var flat = [UInt32](repeating: 20, count: shape.count)
        for row in 0..<18 { for column in 8..<30 { flat[row * 30 + column] = 40 } }
        let image = seams.record(flat, shape: shape, fill: .mean)
        #expect(lines(image, columns: 4..<12, row: 0) == [20, 20, 24, 28, 32, 36, 40, 40])
        #expect(lines(image, columns: 4..<12, row: 8) == [20, 20, 24, 28, 32, 36, 40, 40])
    }

    @Test func aQuadHasItsSeamsInTheMiddle() {
        let shape = FrameShape(rows: 516, columns: 516)
        let image = ChipSeams.maxipixQuad.record([UInt32](repeating: 1, count: shape.count), shape: shape)
        #expect(image[255] == 3 && image[256] == 0 && image[259] == 0 && image[260] == 3)
        #expect(image[255 * 516 + 260] == 9)
    }

    @Test func blindPixelsHoldTheFlag() {
        var mask = PixelMask(shape: FrameShape(rows: 2, columns: 3))
        mask.mask(columns: 1..<2)
        #expect(mask.blinded([1, 2, 3, 4, 5, 6]) == [1, 0, 3, 4, 0, 6])
        #expect(mask.blinded([1, 2, 3, 4, 5, 6], flag: 65535) == [1, 65535, 3, 4, 65535, 6])
    }
}
