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
        for index in mask.storage.indices {
            #expect(mask.storage[index] == (plan.fillable.storage[index] || plan.unfillable.storage[index]))
        }
    }
}
