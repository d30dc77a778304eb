import Detectors
import Testing
import Volume

struct GapBandTests {
    @Test func wholeLinesMakeBandsAndSinglePixelsDoNot() {
        let mask = mask(9, 7, rows: [2..<4, 6..<7], columns: [5..<7], blocks: [(0..<1, 0..<5), (8..<9, 3..<4)])
        #expect(
            mask.bands == [
                GapBand(axis: .row, range: 0..<1), GapBand(axis: .row, range: 2..<4), GapBand(axis: .row, range: 6..<7),
                GapBand(axis: .column, range: 5..<7),
            ])
        #expect(mask.bands.map(\.width) == [1, 2, 1, 2])
        #expect(mask.bands.first?.description == "rows 0:1")
    }

    @Test func anOpenImageHasNoBands() {
        #expect(mask(3, 4).bands.isEmpty)
    }
}
