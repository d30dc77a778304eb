import Foundation
import Testing
import Volume

@testable import ScanFiles

/// LAMBDA detectors: acquisitions over several files, and masters over several modules.
@Suite struct LambdaTests {
    private static let image = [20, 24]

    private func counts(_ first: Int, _ frames: Int) -> [UInt16] {
        (0..<frames * 480).map { UInt16((first + $0 / 480) * 10 + $0 % 480 % 7) }
    }

    /// A file of `frames` frames of an acquisition of 10.
    private func writePart(_ path: String, first: Int, frames: Int = 4, asked: Int = 10) throws {
        let detector = try HDF5File(creating: path).root.createDetector().detector
        try detector.write("description", "Lambda")
        try detector.createGroup("collection").write("frame_numbers", [Int32(asked)], shape: [1])
        try detector.write("sequence_number", (1...frames).map { Int32(first + $0) }, shape: [frames])
        try detector.write(
            "data", counts(first, frames), shape: [frames] + Self.image, storage: HDF5Storage(chunk: [1] + Self.image))
    }

    private func withParts(_ parts: [Int], _ body: (String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            for part in parts {
                try writePart("\(directory)/s_m1_part0000\(part).nxs", first: 4 * part, frames: part == 2 ? 2 : 4)
            }
            try body("\(directory)/s_m1_part0000")
        }
    }

    @Test func thePartsOfAnAcquisitionAreOneScan() throws {
        try withParts([0, 1, 2]) { path in
            let scan = try #require(ScanFile.open(path + "0.nxs").scans.first)
            #expect(scan.problem == nil && scan.completeness.framesWritten == 10, "\(String(describing: scan.problem))")
            #expect(scan.completeness.framesExpected == 10 && scan.stack?.sources.count == 3)
            let read = try FrameReader(scan).read(frames: 0..<10).bitPatterns()
            #expect(read == counts(0, 10).map(UInt32.init))
            for part in 1...2 {
                #expect(try ScanFile.open(path + "\(part).nxs").notAScan?.contains("begins in \(path)0.nxs") == true)
            }
        }
    }

    @Test func anAcquisitionThatRunsIsShortAndAHoleIsRefused() throws {
        try withParts([0, 1]) { path in
            let scan = try #require(ScanFile.open(path + "0.nxs").scans.first)
            #expect(scan.completeness.isOpenAndShort && scan.completeness.framesWritten == 8)
        }
        try withParts([0, 2]) { path in
            let problem = try #require(ScanFile.open(path + "0.nxs").scans.first?.problem)
            #expect(problem.problem.contains("hole") && problem.path.hasSuffix("part00001.nxs"), "\(problem)")
        }
        try withParts([0, 1]) { path in
            try writePart(path + "1.nxs", first: 5)
            #expect(
                try ScanFile.open(path + "0.nxs").scans.first?.problem?.problem.contains("begins with frame 5") == true)
        }
    }

    /// A master over modules: a virtual dataset is read, and modules side by side are refused with what to do.
    @Test func aMasterOverModulesIsReadOrRefused() throws {
        try withTemporaryDirectory { directory in
            for module in 1...2 {
                try writePart("\(directory)/s_m\(module).nxs", first: 100 * module, frames: 4, asked: 4)
            }
            let (path, links) = ("\(directory)/master.nxs", "\(directory)/links.nxs")
            let sources = (0..<2).map {
                HDF5VirtualSource(
                    file: "s_m\($0 + 1).nxs", dataset: "entry/instrument/detector/data", start: [0, 26 * $0, 0],
                    extents: [4] + Self.image, sourceStart: [0, 0, 0], sourceExtents: [4] + Self.image)
            }
            _ = try HDF5File(creating: path).root.createDetector().detector.createVirtualDataset(
                "data", shape: [4, 46, 24], type: .uint16, sources: sources,
                sourceShapes: sources.map { _ in [4] + Self.image })
            let scan = try #require(ScanFile.open(path).scans.first)
            #expect(scan.problem == nil && scan.stack?.shape == VolumeShape(frames: 4, rows: 46, columns: 24))
            #expect(scan.stack?.unrecorded?.maskedCount == 6 * 24)

            let instrument = try HDF5File(creating: links).root.createGroup("entry", nexusClass: "NXentry")
                .createGroup("instrument")
            for module in 1...2 {
                try instrument.createExternalLink(
                    "module_\(module)", toFile: "s_m\(module).nxs", path: "/entry/instrument/detector")
            }
            let problem = try #require(ScanFile.open(links).scans.first?.problem)
            #expect(problem.problem.contains("several stacks") && problem.problem.contains("--dataset"), "\(problem)")
        }
    }
}
