import Detectors
import Foundation
import TestSupport
import Testing
import Volume
import WorkMessages

@testable import ScanFiles
@testable import ScanProcessing

/// What becomes of saturated voxels, and of values that are no counts.
@Suite struct SaturationTests {
    private func inpaint(
        _ scan: SyntheticScan, saturation: Double? = nil, gaps: ScanGaps? = nil,
        settings change: (inout ProcessingSettings) -> Void
    ) throws -> InpaintReport {
        var settings = ProcessingSettings()
        (settings.preview, settings.fineTune, settings.method) = (false, .off, .linear)
        change(&settings)
        var found = try scan.scan()
        found.detector.saturationValue = saturation
        return try ScanInpainter(
            scan: found, gaps: gaps ?? scan.gaps(), settings: settings,
            fillers: FillerFactory(shippedModel: nil) { _ in FakeNetwork(fault: .none) },
            output: "\(scan.directory.path)/out-\(settings.saturated).h5", version: "0"
        ).run { _ in }
    }

    @Test func saturatedVoxelsAreKeptMarkedOrReplaced() throws {
        let scan = try SyntheticScan()
        let gaps = scan.shape.frames * scan.mask.maskedCount
        let kept = try inpaint(scan, saturation: 190) { $0.saturated = .keep }
        let remark = try #require(kept.remarks.first { $0.contains("saturated (at least 190): kept") })
        let number = try #require(Int(remark.prefix { $0.isNumber }))
        let reach = scan.counts.indices.filter {
            scan.counts[$0] >= 190 && !scan.mask.storage[$0 % scan.shape.frame.count]
        }
        #expect(reach.contains { scan.counts[$0] == 190 } && number == reach.count)
        #expect(kept.maskedVoxels == gaps && kept.filledVoxels == gaps)

        let marked = try inpaint(scan, saturation: 190) { $0.saturated = .mark }
        #expect(marked.remarks.contains { $0.hasPrefix("\(number) voxels") && $0.contains("marked as unusable") })
        #expect(marked.filledVoxels == gaps && marked.unfilledVoxels == number)
        let root = try HDF5File(readingFrom: marked.output).root
        let unusable: [UInt8] = try #require(try root.open("entry/data/data_mask").dataset).read()
        let data = try #require(try root.open("entry/data/data").dataset).read(as: Float.self)
        #expect(unusable.indices.filter { unusable[$0] != 0 } == reach)
        #expect(reach.allSatisfy { data[$0] == Float(scan.counts[$0]) })

        let replaced = try inpaint(scan, saturation: 190) { $0.saturated = .replace }
        // Those at the border of the frame have no neighbours on both sides and stay masked.
        let left = replaced.unfilledVoxels
        #expect(left < number && replaced.filledVoxels == gaps + number - left)
        #expect(
            replaced.remarks.contains { $0.contains("\(number - left) replaced by estimates, \(left) masked") },
            "\(replaced.remarks)")
        #expect(!replaced.remarks.contains { $0.contains("flag") })
    }

    /// A staff's own description may have forgotten the flags.
    @Test(arguments: [("", true), ("flag_values: []", false), ("flag_values: [max]", false)])
    func topValuesOfADetectorThatSaysNothingOfFlagsAreTold(keys: String, isTold: Bool) throws {
        let scan = try SyntheticScan()
        var file = try Data(contentsOf: URL(filePath: scan.path))
        for frame in [3, 8] {
            let voxel = frame * scan.shape.frame.count + 500
            let place = file.count - 2 * scan.shape.count + 2 * voxel
            file.replaceSubrange(place..<place + 2, with: [0xff, 0xff])
        }
        try file.write(to: URL(filePath: scan.path))
        try scan.directory.write(
            "own.yaml", "name: own\nshape: [40, 112]\npixel_size_um: 55\nbare: {columns: [\"53:59\"]}\n\(keys)\n")
        let gaps = try ScanGaps(
            of: scan.scan(), frame: scan.shape.frame, elementType: .uint16,
            choice: MaskChoice(detector: .named("own")),
            catalogue: DetectorCatalogue(directories: [scan.directory.path]))
        let remarks = try inpaint(scan, gaps: gaps) { _ in }.remarks
        let remark = remarks.first { $0.contains("says nothing of flags") }
        #expect((remark != nil) == isTold, "\(remarks)")
        guard let remark else { return }
        #expect(remark.hasPrefix("2 voxels hold 65535, the top of a counter, and the description of own "), "\(remark)")
    }

    @Test func aStatedPhotonValueIsTakenAndSaid() throws {
        let report = try inpaint(SyntheticScan()) { $0.photonValue = 4 }
        #expect(report.remarks.contains("one photon counts as 4.0, as stated"))
    }
}
