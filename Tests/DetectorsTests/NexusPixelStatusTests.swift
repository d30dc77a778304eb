import Detectors
import Testing
import Volume

struct NexusPixelStatusTests {
    let shape = FrameShape(rows: 1, columns: 6)

    @Test func theLowSixteenBitsRejectAndTheVirtualBitDoesNot() {
        let mask = PixelMask(shape: shape, nexus: [0, 1, 1 << 8, 1 << 15, 1 << 16, 1 << 31])
        #expect(mask.storage == [false, true, true, true, false, false])
    }

    @Test func cxiKeepsWhatWasMeasured() {
        let mask = PixelMask(shape: shape, cxi: [0, 1 << 1, 1 << 9, 1 << 11, 1 << 14, 1 << 12])
        #expect(mask.storage == [false, true, true, false, false, true])
    }

    @Test func writtenBitsReadBackAsTheSameMask() {
        let original = mask(5, 6, rows: [1..<2], columns: [4..<6])
        let values = original.nexusValues([.gap, .virtual])
        #expect(Set(values) == [0, 0x8000_0001])
        #expect(PixelMask(shape: original.shape, nexus: values) == original)
    }
}
