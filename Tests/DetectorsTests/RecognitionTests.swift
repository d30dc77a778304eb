import Detectors
import Testing
import Volume

struct RecognitionTests {
    /// What real files state (BLISS, Lima, Dectris, DLS, PETRA III, NanoMAX) and what it means.
    @Test(arguments: [
        Case([(.limaType, "MAXIPIX"), (.limaModel, "2x2(gap:4x4)-TPX1")], 516, 516, "maxipix-2x2"),
        Case([(.limaType, "MAXIPIX"), (.limaModel, "5x1(gap:4x0)-TPX1")], 256, 1296, "maxipix-5x1"),
        Case([(.limaType, "Maxipix"), (.limaName, "my favourite")], 516, 516, "maxipix-2x2"),
        Case([(.groupName, "mpx1x4"), (.nexusType, "lima")], 516, 516, "maxipix-2x2"),
        Case([(.groupName, "mpxgaas")], 516, 516, "maxipix-2x2"),
        Case([(.groupName, "mpx_cdte_22_eh1")], 516, 516, "maxipix-2x2"),
        Case([(.limaType, "maxipix")], 256, 256, "maxipix-1x1"),
        Case([(.groupName, "eiger2M")], 2164, 1030, "id01-eiger2m"),
        Case([(.limaModel, "PSI/Eiger-2M"), (.groupName, "eiger2M")], 2164, 1030, "id01-eiger2m"),
        Case([(.groupName, "ei2minr")], 2164, 1030, "id01-eiger2m"),
        Case([(.limaType, "Eiger")], 2164, 1030, "id01-eiger2m"),
        Case([(.nexusDescription, "Dectris Eiger 9M")], 3269, 3110, "eiger-9m"),
        Case([(.nexusDescription, "Eiger 16M"), (.nexusType, "Pixel")], 4371, 4150, "eiger-16m"),
        Case([(.nexusDescription, "Dectris EIGER2 CdTe 1M")], 1062, 1028, "eiger2-cdte-1m"),
        Case([(.nexusDescription, "Dectris EIGER2 X CdTe 1M-W")], 512, 2068, "eiger2-cdte-1m-w"),
        Case([(.nexusDescription, "Dectris EIGER2 X 1M-W")], 512, 2068, "eiger2-1m-w"),
        Case([(.nexusDescription, "Eiger 2 X 4M")], 2162, 2068, "eiger2-4m"),
        Case([(.nexusDescription, "Dectris EIGER2 XE 16M")], 4362, 4148, "eiger2-16m"),
        Case([(.limaModel, "EIGER2 2M-W")], 512, 4148, "eiger2-2m-w"),
        Case([(.groupName, "eiger500k")], 512, 1028, "eiger2-500k"),
        Case([(.groupName, "eiger500k")], 514, 1030, "eiger-500k"),
        Case([(.groupName, "e4m")], 2167, 2070, "eiger-4m"),
        Case([(.nexusDescription, "PILATUS3 6M, S/N 60-0100")], 2527, 2463, "pilatus-6m"),
        Case([(.nexusDescription, "Pilatus 1M")], 1043, 981, "pilatus-1m"),
        Case([(.nexusDescription, "PILATUS3 X CdTe 300K-W")], 195, 1475, "pilatus-cdte-300k-w"),
        Case([(.nexusDescription, "PILATUS4 CdTe 2M")], 1630, 1553, "pilatus4-cdte-2m"),
        Case([(.groupName, "pil3_100k")], 195, 487, "pilatus-100k"),
        Case([(.groupName, "merlin")], 515, 515, "merlin-515"),
        Case([(.groupName, "merlin")], 512, 512, "merlin-512"),
        Case(
            [(.groupName, "detector"), (.nexusDescription, "Lambda"), (.nexusType, "photon counting")], 516, 1554,
            "lambda-750k-gaas"),
        Case([(.nexusDescription, "JUNGFRAU 4M")], 2164, 2068, "jungfrau-4m"),
        Case([(.fileName, "/data/align/raw/align_eiger2M_00012.edf.gz")], 2164, 1030, "id01-eiger2m"),
        Case([(.groupName, "data"), (.fileName, "data_mpx4_00001.edf.gz")], 516, 516, "maxipix-2x2"),
        Case([(.groupName, "mpx1x4"), (.fileName, "copper_eiger2M_comparison.h5")], 516, 516, "maxipix-2x2"),
    ])
    func statementsAndShapeTellTheDetector(_ example: Case) throws {
        #expect(try example.recognise().detector.name == example.expected)
    }

    @Test(arguments: [
        Case(
            [(.groupName, "mpx1x4")], 256, 256,
            "contradiction: group name “mpx1x4” names maxipix-2x2 of 516x516, which cannot be frames of 256x256 "
                + "(and no operation on the image is recorded)"),
        Case(
            [(.groupName, "eiger2M"), (.limaType, "MAXIPIX")], 2164, 1030,
            "contradiction: lima type “MAXIPIX” names maxipix-2x2 of 516x516, maxipix-5x1 of 256x1296, "
                + "maxipix-1x1 of 256x256, which cannot be frames of 2164x1030 (and no operation on the image is recorded)"
        ),
        Case(
            [(.groupName, "mpx1x4"), (.nexusDescription, "Lambda 250k")], 516, 516,
            "contradiction: group name “mpx1x4” names maxipix-2x2, "
                + "but nexus description “Lambda 250k” names lambda-250k"),
        Case(
            [(.groupName, "frelon"), (.nexusType, "lima")], 2048, 2048,
            "no known detector is named by group name “frelon” (frames of 2048x2048); "
                + "no known detector has this shape: describe it or give a mask, as for a region of interest of a detector"
        ),
        Case(
            [(.groupName, "frelon"), (.fileName, "maxipix_0000.h5")], 2048, 2048,
            "no known detector is named by group name “frelon” (frames of 2048x2048); "
                + "no known detector has this shape: describe it or give a mask, as for a region of interest of a detector"
        ),
        Case(
            [(.groupName, "data"), (.fileName, "scan0001.h5")], 2164, 1030,
            "nothing names the detector of these frames of 2164x1030; "
                + "of this shape: id01-eiger2m; give the name of the detector"),
        Case(
            [], 516, 516,
            "nothing names the detector of these frames of 516x516; "
                + "of this shape: lambda-250k, maxipix-2x2; give the name of the detector"),
        Case(
            [(.limaType, "Eiger2")], 2162, 2068,
            "frames of 2162x2068 may be of eiger2-cdte-4m, eiger2-4m; give the name of the detector"),
    ])
    func whatContradictsOrFallsShortIsAnErrorThatSaysSo(_ example: Case) throws {
        let error = try #require(throws: RecognitionError.self) { try example.recognise() }
        #expect(error.description == example.expected)
    }

    @Test func evidenceReadsAsSentences() throws {
        let recognition = try Case([(.limaType, "Maxipix")], 516, 516).recognise()
        #expect(recognition.orientation == .asGiven)
        #expect(recognition.mask == recognition.detector.defaultMask)
        #expect(
            recognition.evidence == [
                "lima type “Maxipix” names maxipix-2x2, maxipix-5x1, maxipix-1x1",
                "frame 516x516 equals the detector's shape",
            ])
    }

    @Test func transposedFramesAreRecognisedAndSaid() throws {
        let recognition = try Case([(.groupName, "eiger2M")], 1030, 2164).recognise()
        #expect(recognition.orientation == .transposed)
        #expect(recognition.mask == recognition.detector.defaultMask.transposed)
        #expect(
            recognition.evidence.last
                == "frame 1030x2164 equals the detector's shape 2164x1030 with rows and columns exchanged")
    }

    @Test func aRecordedRegionMakesASubFrame() throws {
        var operations = ImageOperations()
        operations.region = ImageOperations.Region(firstRow: 200, firstColumn: 250, rows: 100, columns: 60)
        let recognition = try Case([(.groupName, "mpx1x4")], 100, 60).recognise(operations)
        #expect(recognition.mask == mask(100, 60, rows: [55..<61], columns: [5..<11]))
        #expect(
            recognition.evidence.last
                == "frame 100x60 equals the detector's shape 516x516 after region [200:300, 250:310]")
        #expect(throws: RecognitionError.self) { try Case([(.groupName, "mpx1x4")], 100, 61).recognise(operations) }
        operations.region?.firstColumn = 500
        #expect(throws: RecognitionError.self) { try Case([(.groupName, "mpx1x4")], 100, 60).recognise(operations) }
    }

    @Test func aListOfDetectorsRestrictsAndOneNameAloneNames() throws {
        let quad = Case([(.groupName, "mpx1x4")], 516, 516)
        #expect(try quad.recognise(allowed: ["Eiger2M", "mpx1x4"]).detector.name == "maxipix-2x2")
        #expect(throws: RecognitionError.notAllowed(names: ["maxipix-2x2"], allowed: ["id01-eiger2m"])) {
            try quad.recognise(allowed: ["eiger2m"])
        }
        #expect(throws: RecognitionError.unknownName("mpx99")) { try quad.recognise(allowed: ["mpx99"]) }
        let nameless = Case([(.groupName, "data")], 516, 516)
        #expect(try nameless.recognise(allowed: ["mpx1x4"]).detector.name == "maxipix-2x2")
        #expect(throws: RecognitionError.self) { try nameless.recognise(allowed: ["mpx1x4", "eiger2m"]) }
    }

    @Test func aDetectorGivenByTheUserIsPlacedOrRefused() throws {
        let detector = try shippedDetector("maxipix-2x2")
        let frame = FrameShape(rows: 516, columns: 516)
        let recognition = try Recognition(of: detector, frame: frame, operations: ImageOperations())
        #expect(recognition.mask == detector.defaultMask)
        #expect(throws: RecognitionError.self) {
            try Recognition(of: detector, frame: FrameShape(rows: 515, columns: 516), operations: ImageOperations())
        }
    }

    @Test func brokenPartsAreTheDeadBitAndGapsTheGapBit() throws {
        let recognition = try Case([(.groupName, "eiger2M")], 2164, 1030).recognise()
        let values = recognition.nexusPixelMask
        let columns = recognition.mask.shape.columns
        #expect(values[100 * columns + 75] == 2)
        #expect(values[520 * columns + 5] == 1)
        #expect(values[0] == 0)
        #expect(PixelMask(shape: recognition.mask.shape, nexus: values) == recognition.mask)
    }
}

/// Statements about frames of a shape, and the detector or the error that they mean.
struct Case: CustomTestStringConvertible {
    let evidence: [DetectorEvidence]
    let frame: FrameShape
    let expected: String

    init(_ texts: [(DetectorEvidence.Source, String)], _ rows: Int, _ columns: Int, _ expected: String = "") {
        evidence = texts.map { DetectorEvidence(source: $0.0, text: $0.1) }
        frame = FrameShape(rows: rows, columns: columns)
        self.expected = expected
    }

    func recognise(
        _ operations: ImageOperations = ImageOperations(), allowed: [String]? = nil
    ) throws -> Recognition {
        try shippedCatalogue().recognise(evidence: evidence, frame: frame, operations: operations, allowed: allowed)
    }

    var testDescription: String { "\(evidence.map(\.description)) \(frame)" }
}
