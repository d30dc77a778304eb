import Inpainting
import Testing
import Volume

@Suite struct GapPlanTests {
    private func cross(rows: Range<Int>, columns: Range<Int>) -> PixelMask {
        var mask = PixelMask(shape: FrameShape(rows: 40, columns: 50))
        mask.mask(rows: rows)
        mask.mask(columns: columns)
        return mask
    }

    @Test func aCrossIsFilledWhole() {
        let plan = GapPlan(mask: cross(rows: 10..<16, columns: 20..<26), maximumWidth: 6)
        #expect(plan.fillable == plan.mask)
        #expect(plan.unfillable.maskedCount == 0)
    }

    @Test func aGapWiderThanAllowedStaysWithItsCrossing() {
        let plan = GapPlan(mask: cross(rows: 10..<22, columns: 20..<26), maximumWidth: 6)
        #expect(plan.fillableCount == 6 * (40 - 12))
        #expect(plan.unfillable.maskedCount == 12 * 50)
    }

    @Test func aGapAtTheBorderStays() {
        let plan = GapPlan(mask: cross(rows: 0..<3, columns: 48..<50), maximumWidth: 44)
        #expect(plan.fillableCount == 0)
    }

    @Test func measuredPixelsAreNeverFilled() {
        var mask = PixelMask(shape: FrameShape(rows: 31, columns: 17))
        for index in mask.storage.indices { mask.storage[index] = (index &* 2_654_435_761) >> 9 & 1 == 1 }
        let plan = GapPlan(mask: mask, maximumWidth: 9)
        let both = zip(plan.fillable.storage, plan.unfillable.storage)
        #expect(both.map { $0 || $1 } == mask.storage)
        #expect(both.allSatisfy { !($0 && $1) })
    }

    /// Whatever its form, a gap that is narrow enough along one axis, and away from the border, is filled.
    @Test func irregularGapsAreFilled() {
        var mask = PixelMask(shape: FrameShape(rows: 40, columns: 50))
        mask.mask(rows: 5..<12, columns: 5..<8)  // An L.
        mask.mask(rows: 10..<12, columns: 8..<14)
        for step in 0..<8 { mask[20 + step, 10 + step] = true }  // A diagonal line.
        mask.mask(rows: 20..<23, columns: 30..<41)  // A cross, longer than may be filled along its rows.
        mask.mask(rows: 17..<26, columns: 34..<37)
        for (row, column) in [(2, 2), (2, 4), (4, 2), (37, 47), (30, 30), (30, 31), (31, 30)] {
            mask[row, column] = true
        }
        let plan = GapPlan(mask: mask, maximumWidth: 9)
        #expect(plan.fillable == mask)
        #expect(plan.unfillable.maskedCount == 0 && plan.unfillableCount == 0)
        #expect(plan.fillableCount == mask.maskedCount)
    }

    /// A mask of any form against the definition, taken literally.
    @Test(arguments: 1...4) func whatCanBeFilledIsWhatIsReachedFromKnownPixels(seed: Int) {
        let maximumWidth = 3
        var mask = PixelMask(shape: FrameShape(rows: 23, columns: 19))
        for index in mask.storage.indices {
            mask.storage[index] = ((index + 1) &* 2_654_435_761 &* (2 * seed + 1)) >> 9 & 7 < 3
        }
        var unknown = mask
        while true {
            func isReached(_ position: Int, _ extent: Int, _ isUnknown: (Int) -> Bool) -> Bool {
                guard let low = (0..<position).last(where: { !isUnknown($0) }),
                    let high = (position + 1..<extent).first(where: { !isUnknown($0) })
                else { return false }
                return high - low - 1 <= maximumWidth
            }
            var next = unknown
            for row in 0..<23 {
                for column in 0..<19 where unknown[row, column] {
                    let isFilled =
                        isReached(column, 19) { unknown[row, $0] } || isReached(row, 23) { unknown[$0, column] }
                    if isFilled { next[row, column] = false }
                }
            }
            if next == unknown { break }
            unknown = next
        }
        let plan = GapPlan(mask: mask, maximumWidth: maximumWidth)
        #expect(plan.unfillable == unknown)
        #expect(plan.fillableCount + plan.unfillableCount == mask.maskedCount)
    }
}
