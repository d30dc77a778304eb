import Detectors
import Foundation
import TestSupport
import Testing
import Volume

@testable import ScanFiles
@testable import ScanProcessing

/// A mask that comes with the frames makes up for a detector that nobody knows, and for nothing else.
@Suite struct ContradictionTests {
    private let directory: TemporaryDirectory
    private let catalogue: DetectorCatalogue
    private let scan: Scan
    private let frame = FrameShape(rows: 30, columns: 40)

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(
            "detectors/d.yaml",
            """
            family: {shape: [30, 40], pixel_size_um: 55}
            detectors:
              - {name: pair, names: [acme pair, acmepair], sensor: Si}
              - {name: pair-cdte, names: [acme pair CdTe, acmepair], sensor: CdTe}
              - {name: other, names: [other one]}
              - {name: gapped, names: [gapped], bare: {columns: ["19:21"]}}
            """)
        catalogue = try DetectorCatalogue(directories: ["\(directory.path)/detectors"])
        let path = "\(directory.path)/scan.h5"
        let detector = try HDF5File(creating: path).root.createGroup("entry").createGroup("instrument")
            .createGroup("detector")
        try detector.setAttribute("NX_class", to: "NXdetector")
        try detector.write("data", (0..<3 * frame.count).map { UInt16($0 % 7) }, shape: [3, 30, 40])
        try detector.write("pixel_mask", [UInt32](repeating: 0, count: frame.count), shape: [30, 40])
        scan = try #require(ScanFile.open(path).scans.first)
    }

    private func gaps(
        _ evidence: [DetectorEvidence], allowed: [String]? = nil, mask: [UInt32]? = nil, pixelSize: Double? = nil
    ) throws -> ScanGaps {
        var scan = scan
        (scan.detector.xPixelSize, scan.detector.yPixelSize) = (pixelSize, pixelSize)
        if let mask {
            scan.pixelMask = try RecordedMask(.nexus, bits: mask, frame: frame, location: "mask", for: nil)
        }
        scan.evidence = evidence
        try #require(scan.pixelMask != nil)
        return try ScanGaps(
            of: scan, frame: frame, elementType: .uint16, choice: MaskChoice(allowedDetectors: allowed),
            catalogue: catalogue)
    }

    /// Found by fuzzing, seeds 300024 and 300136: a file with a mask was taken although it contradicted itself.
    @Test func whatAFileSaysAgainstItselfIsRefused() throws {
        let cdte = DetectorEvidence(source: .nexusDescription, text: "Acme pair CdTe")
        let silicon = DetectorEvidence(source: .sensorMaterial, text: "Si sensor")
        let other = DetectorEvidence(source: .groupName, text: "other one")
        for evidence in [[cdte, silicon], [cdte, other]] {
            let error = try #require(throws: ScanFileError.self) { try gaps(evidence) }
            #expect(error.problem.hasPrefix("contradiction:"), "\(error)")
        }
        #expect(try gaps([cdte]).detector?.name == "pair-cdte")
        #expect(try gaps([DetectorEvidence(source: .nexusDescription, text: "unheard of")]).detector == nil)
    }

    @Test func onlyTheDetectorsThatAreListedAreTaken() throws {
        let other = DetectorEvidence(source: .nexusDescription, text: "other one")
        #expect(throws: ScanFileError.self) { try gaps([other], allowed: ["pair"]) }
        #expect(throws: ScanFileError.self) {
            try gaps([DetectorEvidence(source: .nexusDescription, text: "unheard of")], allowed: ["pair", "other"])
        }
    }

    /// Found by fuzzing, seed 300018: a further name that both have made the full name of the one worth nothing.
    @Test func theFullNameDecidesBesideOneThatSeveralHave() throws {
        let name = DetectorEvidence(source: .groupName, text: "acmepair")
        #expect(
            try gaps([DetectorEvidence(source: .nexusDescription, text: "Acme pair"), name]).detector?.name == "pair")
    }

    @Test func aMaskThatSaysTheOppositeIsRefused() throws {
        let evidence = [DetectorEvidence(source: .groupName, text: "gapped")]
        let isGap = (0..<frame.count).map { (19..<21).contains($0 % frame.columns) }
        let error = try #require(throws: ScanFileError.self) {
            try gaps(evidence, mask: isGap.map { $0 ? 0 : 1 })
        }
        #expect(error.problem.hasPrefix("masks 100 % of the pixels that gapped measures with, and not its gaps"))
        // Half of the detector behind a screen is no such case.
        let screen = isGap.enumerated().map { $1 || $0 > 400 ? 1 : 0 as UInt32 }
        #expect(try gaps(evidence, mask: screen).remarks == ["the file's own mask masks 66 % of the pixels"])
        #expect(try gaps(evidence, mask: isGap.map { $0 ? 1 : 0 }).remarks.isEmpty)
    }

    @Test(arguments: [(55e-6, false), (56e-6, false), (110e-6, true), (75e-6, true)])
    func pixelsOfAnotherSizeAreTold(size: Double, isTold: Bool) throws {
        let found = try gaps([DetectorEvidence(source: .groupName, text: "gapped")], pixelSize: size)
        #expect(found.remarks.contains { $0.contains("and those of gapped have 55 x 55 µm") } == isTold)
    }
}
