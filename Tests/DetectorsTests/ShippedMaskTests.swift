import Detectors
import Testing
import Volume

/// The masks that ship against lists written down from other programs.
struct ShippedMaskTests {
    @Test func maxipixQuadMasksFourLinesBareAndSixWithTheWidePixels() throws {
        let detector = try shippedDetector("maxipix-2x2")
        #expect(detector.mask(.bare) == mask(516, 516, rows: [256..<260], columns: [256..<260]))
        #expect(detector.mask(.edges) == mask(516, 516, rows: [255..<261], columns: [255..<261]))
        #expect(detector.defaultMask == detector.mask(.edges))
        #expect(detector.defaultMask.maskedCount == 6156)
    }

    @Test func id01EigerMasksWhatBcdiMasks() throws {
        let expected = mask(
            2164, 1030,
            rows: [255..<259, 511..<552, 804..<809, 1061..<1102, 1355..<1359, 1611..<1652, 1905..<1909],
            columns: [255..<259, 513..<517, 771..<775],
            blocks: [(0..<257, 72..<80), (1649..<1910, 620..<628), (1248..<1290, 478..<479), (1214..<1298, 481..<482)]
        )
        let detector = try shippedDetector("id01-eiger2m")
        #expect(detector.defaultMask == expected)
        #expect(detector.gapMask(.bare) == mask(2164, 1030, rows: [514..<550, 1064..<1100, 1614..<1650]))
    }

    @Test func widePixelsOfMaxipixCoverThreeLinesEach() throws {
        let edgePixels = try #require(try shippedDetector("maxipix-2x2").edgePixels)
        #expect(edgePixels.factor == 3)
        for axis in LineAxis.allCases {
            let lines = edgePixels.lines.filter { $0.axis == axis }
            #expect(lines.map(\.index) == [255, 260])
            #expect(lines.map(\.covers) == [255..<258, 258..<261])
        }
    }
}
