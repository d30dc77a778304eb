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

    @Test(arguments: [
        LineList("maxipix-5x1", 256, 1296, columns: [256..<260, 516..<520, 776..<780, 1036..<1040]),
        LineList("maxipix-1x1", 256, 256),
        LineList("eiger-500k", 514, 1030),
        LineList("eiger-1m", 1065, 1030, rows: [514..<551]),
        LineList("eiger-4m", 2167, 2070, rows: [514..<551, 1065..<1102, 1616..<1653], columns: [1030..<1040]),
        LineList("eiger2-1m", 1062, 1028, rows: [512..<550]),
        LineList("eiger2-4m", 2162, 2068, rows: [512..<550, 1062..<1100, 1612..<1650], columns: [1028..<1040]),
        LineList("eiger2-cdte-1m", 1062, 1028, rows: [512..<550], columns: [513..<515]),
        LineList("eiger2-cdte-1m-w", 512, 2068, columns: [513..<515, 1028..<1040, 1553..<1555]),
        LineList("pilatus-1m", 1043, 981, rows: [195..<212, 407..<424, 619..<636, 831..<848], columns: [487..<494]),
        LineList("pilatus-cdte-300k", 619, 487, rows: [195..<212, 407..<424], columns: [242..<245]),
        LineList("pilatus4-cdte-260k", 530, 513, rows: [255..<275], columns: [256..<257]),
        LineList("lambda-250k", 516, 516, rows: [256..<260], columns: [256..<260]),
        LineList(
            "lambda-750k", 516, 1556, rows: [256..<260],
            columns: [256..<260, 516..<520, 776..<780, 1036..<1040, 1296..<1300]),
        LineList("jungfrau-1m", 1064, 1030, rows: [514..<550]),
        LineList("jungfrau-4m", 2164, 2068, rows: [514..<550, 1064..<1100, 1614..<1650], columns: [1030..<1038]),
        LineList("merlin-515", 515, 515, rows: [256..<259], columns: [256..<259]),
    ])
    func bareMaskIsMadeOfTheseLines(_ expected: LineList) throws {
        #expect(try shippedDetector(expected.name).mask(.bare) == expected.mask)
    }

    @Test(arguments: [
        LineList(
            "eiger-4m", 2167, 2070, rows: [513..<552, 1064..<1103, 1615..<1654], columns: [1029..<1041]),
        LineList("lambda-250k", 516, 516, rows: [255..<261], columns: [255..<261]),
        LineList("merlin-515", 515, 515, rows: [255..<260], columns: [255..<260]),
        LineList("merlin-512", 512, 512, rows: [254..<257], columns: [254..<257]),
    ])
    func defaultMaskTakesInTheEdges(_ expected: LineList) throws {
        #expect(try shippedDetector(expected.name).defaultMask == expected.mask)
    }

    @Test(arguments: [
        ("Eiger2M", "id01-eiger2m"), ("EIGER2M", "id01-eiger2m"), ("mpx1x4", "maxipix-2x2"), ("MPXGAAS", "maxipix-2x2"),
        ("Maxipix 2x2", "maxipix-2x2"), ("Maxipix5x1", "maxipix-5x1"), ("Eiger2CdTe_1M", "eiger2-cdte-1m"),
        ("Eiger2_1MW", "eiger2-1m-w"), ("Pilatus300kw", "pilatus-300k-w"), ("PilatusCdTe1M", "pilatus-cdte-1m"),
        ("Pilatus4 4M CdTe", "pilatus4-cdte-4m"), ("Lambda7M5", "lambda-7.5m"), ("e4m", "eiger-4m"),
    ])
    func namesOfOtherProgramsWork(_ name: String, _ expected: String) throws {
        #expect(try shippedCatalogue()[name]?.name == expected)
    }

    @Test(arguments: ["maxipix", "eiger", "merlin", "frelon", "", "mpx"])
    func namesOfSeveralOrNoneAreNoName(_ name: String) throws {
        #expect(try shippedCatalogue()[name] == nil)
    }
}

/// Whole lines of an image, written down from other programs.
struct LineList: CustomTestStringConvertible {
    let name: String
    let mask: PixelMask

    init(_ name: String, _ height: Int, _ width: Int, rows: [Range<Int>] = [], columns: [Range<Int>] = []) {
        self.name = name
        mask = DetectorsTests.mask(height, width, rows: rows, columns: columns)
    }

    var testDescription: String { name }
}
