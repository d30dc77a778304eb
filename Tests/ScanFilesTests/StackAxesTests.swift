import Foundation
import Testing
import Volume

@testable import ScanFiles

/// Stacks of images with more than three axes.
@Suite struct StackAxesTests {
    private static let image = [20, 24]

    /// Counts that differ from voxel to voxel.
    private func counts(_ shape: [Int]) -> [UInt32] { (0..<shape.reduce(1, *)).map { UInt32($0 % 65_521) } }

    private func file(
        _ path: String, _ shape: [Int], chunk: [Int]? = nil, thresholds: Int = 0,
        _ body: (HDF5Group) throws -> Void = { _ in }
    ) throws {
        let entry = try HDF5File(creating: path).root.createGroup("entry")
        try entry.setAttribute("NX_class", to: "NXentry")
        let detector = try entry.createGroup("instrument").createGroup("detector")
        try detector.setAttribute("NX_class", to: "NXdetector")
        for threshold in 0..<thresholds {
            var mask = [UInt32](repeating: 0, count: 20 * 24)
            mask[threshold] = 1
            try detector.createGroup("threshold_\(threshold + 1)_channel").write("pixel_mask", mask, shape: Self.image)
        }
        try detector.write("data", counts(shape), shape: shape, storage: HDF5Storage(chunk: chunk))
        try body(detector)
    }

    private func frames(of scan: Scan) throws -> [UInt32] {
        let reader = try FrameReader(scan)
        return try reader.read(frames: 0..<reader.shape.frames).bitPatterns()
    }

    @Test(arguments: [[6, 1, 20, 24], [1, 6, 20, 24], [1, 6, 1, 20, 24], [1, 1, 20, 24]])
    func axesOfLengthOneAreLeftOut(shape: [Int]) throws {
        try withTemporaryDirectory { directory in
            for chunk in [nil, Array(repeating: 1, count: shape.count - 2) + Self.image] {
                let path = "\(directory)/\(chunk == nil ? "one" : "chunks").h5"
                try file(path, shape, chunk: chunk)
                let scan = try #require(ScanFile.open(path).scans.first)
                #expect(scan.problem == nil && scan.completeness.framesWritten == max(1, shape.contains(6) ? 6 : 1))
                #expect(try frames(of: scan) == counts(shape))
            }
        }
    }

    /// Found by fuzzing, seed 320025: the mask for all thresholds was left out beside that of each.
    @Test func theMaskForAllThresholdsCountsToo() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/s.h5"
            try file(path, [5, 3, 20, 24], chunk: [1, 3, 20, 24], thresholds: 3) { detector in
                var mask = [UInt32](repeating: 0, count: 20 * 24)
                mask[100] = 2
                try detector.write("pixel_mask", mask, shape: Self.image)
            }
            let scan = try #require(ScanFile.open(path, selection: nil, threshold: 2).scans.first)
            let bits = try #require(try scan.pixelMask?.bits())
            #expect(bits.indices.filter { bits[$0] != 0 } == [1, 100])
        }
    }

    @Test(arguments: [1, 2, 3])
    func ofSeveralThresholdsOneIsTakenWithItsMask(threshold: Int) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/s.h5"
            let shape = [5, 3, 20, 24]
            try file(path, shape, chunk: [1, 3, 20, 24], thresholds: 3)
            let chosen = try ScanFile.open(path, selection: nil, threshold: threshold == 1 ? nil : threshold)
            let scan = try #require(chosen.scans.first)
            let all = counts(shape)
            let expected = (0..<5).flatMap { frame in all[((frame * 3 + threshold - 1) * 480)...].prefix(480) }
            #expect(scan.stack?.shape == VolumeShape(frames: 5, rows: 20, columns: 24))
            #expect(try frames(of: scan) == expected)
            #expect(try scan.pixelMask?.bits().firstIndex(of: 1) == threshold - 1)
            #expect(scan.remarks == ["threshold \(threshold) of 3 was taken"])
        }
    }

    @Test func framesOfOneThresholdThatWereNotWrittenAreFound() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/s.h5"
            try file(path, [1, 20, 24]) { detector in
                _ = try detector.createDataset(
                    "four", shape: [4, 2, 20, 24], type: .uint32, storage: HDF5Storage(chunk: [1, 1, 20, 24]))
            }
            let dataset = try #require(
                try HDF5File(readingFrom: path).root.open("entry").group?.open("instrument").group?.open("detector")
                    .group?.open("four").dataset)
            let seen = dataset.seen(as: HDF5Plane(indices: [nil, 1, nil, nil]))
            #expect(try seen.unwrittenFrames(among: 0..<4) == [0..<4])
        }
    }

    @Test func virtualDatasetsWithThresholdsAreFollowed() throws {
        try withTemporaryDirectory { directory in
            for part in 0..<2 { try file("\(directory)/part\(part).h5", [3, 2, 20, 24], chunk: [1, 1, 20, 24]) }
            let path = "\(directory)/master.h5"
            let entry = try HDF5File(creating: path).root.createGroup("entry")
            let detector = try entry.createGroup("instrument").createGroup("detector")
            try detector.setAttribute("NX_class", to: "NXdetector")
            for threshold in 1...2 { _ = try detector.createGroup("threshold_\(threshold)_channel") }
            let sources = (0..<2).map {
                HDF5VirtualSource(
                    file: "part\($0).h5", dataset: "entry/instrument/detector/data", start: [3 * $0, 0, 0, 0],
                    extents: [3, 2, 20, 24], sourceStart: [0, 0, 0, 0], sourceExtents: [3, 2, 20, 24])
            }
            _ = try entry.createGroup("data").createVirtualDataset(
                "data", shape: [6, 2, 20, 24], type: .uint32, sources: sources,
                sourceShapes: [[3, 2, 20, 24], [3, 2, 20, 24]])
            let scan = try #require(ScanFile.open(path, selection: nil, threshold: 2).scans.first)
            let all = counts([3, 2, 20, 24])
            let once = (0..<3).flatMap { all[(($0 * 2 + 1) * 480)...].prefix(480) }
            #expect(scan.problem == nil, "\(scan.problem?.description ?? "")")
            #expect(try frames(of: scan) == once + once)
        }
    }

    @Test func anotherFourthAxisIsRefusedAndSaid() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/grid.h5"
            try file(path, [2, 4, 20, 24])
            let file = try ScanFile.open(path)
            #expect(file.notAScan == nil)
            let problem = try #require(file.scans.first?.problem?.problem)
            #expect(problem.contains("found 4: 2x4x20x24") && problem.contains("`threshold`"), "\(problem)")
            #expect(try ScanFile.open(path, selection: nil, threshold: 5).scans.first?.problem != nil)
        }
    }
}
