import Detectors
import Diffraction
import Foundation
import Testing
import Volume

@testable import Acquisition

/// The detectors that ship.
enum Catalogue {
    static func all() throws -> DetectorCatalogue {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        return try DetectorCatalogue(directories: [root.appending(path: "Config/detectors").path])
    }

    static func detector(_ name: String) throws -> Detector { try #require(try all()[name]) }
}

@Suite struct DetectorRecordTests {
    @Test func everyDetectorIsRecognisedByWhatItsFilesSay() throws {
        let catalogue = try Catalogue.all()
        for detector in catalogue.detectors {
            let identity = DetectorIdentity(detector, name: nil)
            let lima = [
                DetectorEvidence(source: .limaType, text: identity.type),
                DetectorEvidence(source: .limaModel, text: identity.model),
                DetectorEvidence(source: .limaName, text: identity.name),
            ]
            let nexus = [DetectorEvidence(source: .nexusDescription, text: identity.description)]
            let group = [DetectorEvidence(source: .groupName, text: identity.name)]
            for evidence in [lima, nexus, group] {
                let found = try? catalogue.recognise(
                    evidence: evidence, frame: detector.shape, operations: ImageOperations())
                #expect(found?.detector.name == detector.name, "\(evidence.map(\.text))")
            }
        }
    }

    @Test func maxipixIsNamedAsLimaNamesIt() throws {
        let identity = DetectorIdentity(try Catalogue.detector("maxipix-2x2"), name: nil)
        #expect(identity.name == "mpx1x4" && identity.type == "MAXIPIX" && identity.model == "2x2(gap:4x4)-TPX1")
    }

    @Test(arguments: ["maxipix-2x2", "maxipix-5x1", "id01-eiger2m", "eiger2-1m", "merlin-515", "pilatus-300k"])
    func thePeakIsNearAGapAndClearOfIt(name: String) throws {
        let detector = try Catalogue.detector(name)
        let placement = try PeakPlacement(on: detector, region: nil)
        let mask = detector.gapMask(detector.defaultForm)
        for row in -5...5 {
            for column in -5...5 {
                #expect(!mask[placement.rows.peak + row, placement.columns.peak + column])
            }
        }
        let gaps = [placement.rows, placement.columns].compactMap { axis in
            axis.gap.map { abs(Double($0.lowerBound + $0.upperBound) / 2 - Double(axis.peak)) }
        }
        #expect(!gaps.isEmpty && gaps.allSatisfy { (19.5...30).contains($0) })
    }

    @Test func aRegionThroughAWidePixelStillCountsAllOfIt() throws {
        let detector = try Catalogue.detector("maxipix-2x2")
        // The region ends with the wide pixels of row 255; what falls on rows 256 and 257 belongs to them.
        let record = DetectorRecord(of: detector, saved: (rows: 200..<256, columns: 0..<10), fill: .raw, flag: 0)
        #expect(record.window.rows == 200..<261 && record.window.columns == 0..<10)
        let image = record.record([UInt32](repeating: 1, count: record.windowShape.count))
        #expect(image.count == 560)
        #expect(image.prefix(550).allSatisfy { $0 == 1 } && image.suffix(10).allSatisfy { $0 == 3 })
    }

    @Test func seamsThatWidePixelsDoNotCoverCountNothing() throws {
        try withTemporaryDirectory { directory in
            let description = """
                name: own-quad
                shape: [21, 8]
                pixel_size_um: 55
                modules: {size: [8, 8], gap: [5, 0]}
                edge_pixels: {factor: 3}
                """
            try description.write(toFile: "\(directory)/own.yaml", atomically: true, encoding: .utf8)
            let detector = try #require(try DetectorCatalogue(directories: [directory])["own-quad"])
            let record = DetectorRecord(of: detector, saved: (rows: 0..<21, columns: 0..<8), fill: .raw, flag: 9)
            let image = record.record([UInt32](repeating: 1, count: 21 * 8))
            #expect(image == (0..<21).flatMap { [UInt32](repeating: (8..<13).contains($0) ? 9 : 1, count: 8) })
        }
    }
}
