import Diffraction
import Testing
import Volume

@Suite struct GapLayoutTests {
    private let shape = FrameShape(rows: 32, columns: 96)

    /// The numbers of the wholly masked columns.
    private func columns(_ mask: PixelMask) -> [Int] {
        (0..<mask.shape.columns).filter { column in (0..<mask.shape.rows).allSatisfy { mask[$0, column] } }
    }

    private func layouts(_ kind: GapLayout.Class, in shape: FrameShape) -> [GapLayout] {
        var generator = SeededGenerator(seed: 9)
        return (0..<300).map { _ in .random(using: &generator, in: shape, class: kind) }
    }

    @Test func bandsLieWhereTheyAreAskedFor() {
        let band = GapLayout.band(width: 6, axis: .columns, start: 40)
        #expect(columns(band.mask(in: shape)) == Array(40..<46))
        #expect(band.mask(in: shape).maskedCount == 6 * 32)
        #expect(band.width == 6)
        let centred = GapLayout.centredBand(width: 9, axis: .columns, in: shape)
        #expect(columns(centred.mask(in: shape)) == Array(44..<53))
        let rows = GapLayout.band(width: 6, axis: .rows, start: 3).mask(in: shape)
        #expect(rows == GapLayout.band(width: 6, axis: .columns, start: 3).mask(in: shape.transposed).transposed)
    }

    @Test func crossesAndBlocksAreUnions() {
        let cross = GapLayout.band(width: 4, axis: .rows, start: 8).union(.band(width: 10, axis: .columns, start: 50))
        #expect(cross.mask(in: shape).maskedCount == 4 * 96 + 10 * 32 - 40)
        #expect(cross.width == 10)
        let block = GapLayout.block(rows: 2..<5, columns: 7..<20)
        #expect(block.mask(in: shape).maskedCount == 39)
        #expect(block.width == 3)
        #expect(GapLayout().mask(in: shape).maskedCount == 0)
        #expect(GapLayout().width == 0)
    }

    @Test(arguments: [FrameShape(rows: 32, columns: 32), FrameShape(rows: 17, columns: 48)])
    func narrowGapsLeaveMostLinesMeasured(shape: FrameShape) {
        let layouts = layouts(.narrow, in: shape)
        for layout in layouts {
            #expect((1...14).contains(layout.width))
            let mask = layout.mask(in: shape)
            #expect(mask.maskedCount > 0)
            #expect(mask.maskedCount <= 3 * shape.count / 4 + shape.columns)
            // The corners are always measured.
            #expect(!mask[0, 0] && !mask[shape.rows - 1, shape.columns - 1])
        }
        #expect(Set(layouts.map(\.width)).count >= 8)
    }

    @Test(arguments: [FrameShape(rows: 32, columns: 96), FrameShape(rows: 64, columns: 48)])
    func wideGapsHaveRoomOnBothSides(shape: FrameShape) {
        for layout in layouts(.wide, in: shape) {
            #expect((15...44).contains(layout.width))
            let mask = layout.mask(in: shape)
            for image in [mask, mask.transposed] {
                let lines = columns(image)
                guard lines.count >= 15, let first = lines.first, let last = lines.last else { continue }
                #expect(first >= 16 && last < image.shape.columns - 16)
            }
        }
    }

    @Test func seamsAreThoseOfTheThesis() {
        let shape = FrameShape(rows: 64, columns: 48)
        let masks = layouts(.seams, in: shape).map { $0.mask(in: shape) }
        var crosses = 0
        for mask in masks {
            let (columns, rows) = (columns(mask), columns(mask.transposed))
            #expect([3, 6, 9, 12].contains(columns.count) && columns == Array(columns[0]...columns[columns.count - 1]))
            #expect(columns[0] > 0 && columns[columns.count - 1] < 47)
            #expect(rows.isEmpty || rows.count == columns.count)
            crosses += rows.isEmpty ? 0 : 1
        }
        #expect((30...90).contains(crosses))
    }

    @Test func irregularGapsAreSmall() {
        for layout in layouts(.irregular, in: FrameShape(rows: 32, columns: 32)) {
            #expect((1...14).contains(layout.width))
            #expect(layout.mask(in: FrameShape(rows: 32, columns: 32)).maskedCount < 32 * 32 * 3 / 4)
        }
    }
}
