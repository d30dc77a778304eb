import Foundation
import Testing
import Volume

@testable import ScanFiles

/// Masters of Dectris whose links or files stop before the series does.
@Suite struct DectrisSeriesTests {
    /// Three files of four frames; the value of a voxel is the number of its frame.
    private struct Series {
        let directory: String
        var master: String { "\(directory)/s_master.h5" }

        func file(_ number: Int, firstImage: Int? = nil) throws {
            let group = try HDF5File(creating: "\(directory)/s_data_00000\(number).h5").root
                .createGroup("entry").createGroup("data")
            let values = (0..<4).flatMap { Array(repeating: UInt16(4 * (number - 1) + $0), count: 20 * 24) }
            let data = try group.write(
                "data", values, shape: [4, 20, 24], storage: HDF5Storage(chunk: [1, 20, 24]))
            try data.setAttribute("image_nr_low", to: Int32(firstImage ?? 4 * (number - 1) + 1))
        }

        func writeMaster(_ links: [Int], uniting: Int = 0) throws {
            let entry = try HDF5File(creating: master).root.createGroup("entry")
            try entry.setAttribute("NX_class", to: "NXentry")
            let detector = try entry.createGroup("instrument").createGroup("detector")
            try detector.setAttribute("NX_class", to: "NXdetector")
            try detector.createGroup("detectorSpecific").write("nimages", UInt32(12))
            let data = try entry.createGroup("data")
            for number in links {
                try data.createExternalLink(
                    "data_00000\(number)", toFile: "s_data_00000\(number).h5", path: "/entry/data/data")
            }
            guard uniting > 0 else { return }
            let sources = (0..<uniting).map {
                HDF5VirtualSource(
                    file: "s_data_00000\($0 + 1).h5", dataset: "entry/data/data", start: [4 * $0, 0, 0],
                    extents: [4, 20, 24], sourceStart: [0, 0, 0], sourceExtents: [4, 20, 24])
            }
            _ = try data.createVirtualDataset(
                "data", shape: [4 * uniting, 20, 24], type: .uint16, sources: sources,
                sourceShapes: sources.map { _ in [4, 20, 24] })
        }

        func scan() throws -> Scan { try #require(ScanFile.open(master).scans.first) }

        /// The number in each frame that can be read.
        func frames() throws -> [UInt32] {
            let reader = try FrameReader(scan())
            let values = try reader.read(frames: 0..<reader.shape.frames).bitPatterns()
            return stride(from: 0, to: values.count, by: 20 * 24).map { values[$0] }
        }
    }

    private func withSeries(files: [Int] = [1, 2, 3], _ body: (Series) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let series = Series(directory: directory)
            for number in files { try series.file(number) }
            try body(series)
        }
    }

    @Test(arguments: [[1, 2, 3], [1, 3], [1], [1, 2], [2, 3], [3]])
    func filesWithoutALinkAreTakenWhereTheirImagesFollow(links: [Int]) throws {
        try withSeries { series in
            try series.writeMaster(links)
            #expect(try series.frames() == (0..<12).map { $0 })
            let scan = try series.scan()
            #expect(!scan.completeness.isOpenAndShort)
            #expect(scan.remarks.count { $0.contains("lacks a link") } == 3 - links.count, "\(scan.remarks)")
        }
    }

    @Test func aVirtualDatasetOverTheFirstFileOnlyIsNotTheSeries() throws {
        try withSeries { series in
            try series.writeMaster([1, 2, 3], uniting: 1)
            #expect(try series.frames().count == 12)
            try series.writeMaster([1, 2, 3], uniting: 3)
            #expect(try series.frames().count == 12)
        }
    }

    /// As filewriter 2 writes them: (image, threshold, row, column).
    @Test func filesOfSeveralThresholdsFollowOneAnother() throws {
        try withSeries { series in
            for number in 1...3 {
                let group = try HDF5File(creating: "\(series.directory)/s_data_00000\(number).h5").root
                    .createGroup("entry").createGroup("data")
                let values = (0..<8).flatMap { Array(repeating: UInt16(4 * (number - 1) + $0 / 2), count: 20 * 24) }
                try group.write("data", values, shape: [4, 2, 20, 24])
                    .setAttribute("image_nr_low", to: Int32(4 * (number - 1) + 1))
            }
            try series.writeMaster([1, 2, 3])
            let scan = try #require(ScanFile.open(series.master, selection: nil, threshold: 2).scans.first)
            #expect(scan.problem == nil && scan.completeness.framesWritten == 12)
        }
    }

    /// As Diamond has it: the master comes first, and nobody writes it again where the scan is stopped.
    @Test(arguments: [([1, 2], 8), ([1], 4)])
    func aVirtualDatasetOverFilesThatAreToComeIsWaitedFor(files: [Int], frames: Int) throws {
        try withSeries(files: files) { series in
            try series.writeMaster([1, 2, 3], uniting: 3)
            let scan = try series.scan()
            #expect(scan.problem == nil && scan.completeness.isOpenAndShort)
            #expect(scan.completeness.framesWritten == frames && scan.completeness.framesExpected == 12)
        }
        try withSeries(files: []) { series in
            try series.writeMaster([1, 2, 3], uniting: 3)
            #expect(try series.scan().problem?.kind == .incomplete)
        }
        try withSeries(files: [1, 3]) { series in
            try series.writeMaster([1, 2, 3], uniting: 3)
            #expect(try series.scan().problem?.kind == .input)
        }
    }

    @Test(arguments: [[1, 2, 3], [1, 3]])
    func nothingIsJoinedAcrossAHole(links: [Int]) throws {
        try withSeries(files: [1, 3]) { series in
            try series.writeMaster(links)
            let problem = try #require(series.scan().problem)
            #expect(problem.kind == .input && problem.problem.contains("hole"), "\(problem)")
            #expect("\(problem)".contains("data_000002"))
        }
    }

    @Test func aSeriesWithoutItsBeginningIsRefused() throws {
        try withSeries(files: [2, 3]) { series in
            try series.writeMaster([2, 3])
            let problem = try #require(series.scan().problem)
            #expect(problem.problem.contains("begins with image 5"))
        }
    }

    @Test func anotherSeriesFilesAreNotJoined() throws {
        try withSeries(files: [1, 2]) { series in
            try series.file(2, firstImage: 101)
            try series.writeMaster([1, 2])
            #expect(try series.scan().problem?.problem.contains("begins with image 101, expected image 5") == true)
        }
    }

    /// Found by fuzzing, seed 300043: what an earlier, longer series of the same name left was taken as its end.
    @Test func whatALongerSeriesLeftIsNoPart() throws {
        try withSeries(files: [1, 2, 3, 4]) { series in
            try series.writeMaster([1, 2, 3])
            let scan = try series.scan()
            #expect(try series.frames() == (0..<12).map { $0 })
            #expect(scan.completeness.framesWritten == 12 && scan.completeness.framesExpected == 12)
            #expect(scan.remarks.contains { $0.contains("s_data_000004.h5 is no part of the 12 frames") })
        }
    }

    @Test(arguments: [[1, 2, 3], [1, 2]])
    func aSeriesThatStopsEarlyIsShort(links: [Int]) throws {
        try withSeries(files: [1, 2]) { series in
            try series.writeMaster(links)
            let scan = try series.scan()
            #expect(scan.problem == nil && scan.completeness.isOpenAndShort)
            #expect(scan.completeness.framesWritten == 8 && scan.completeness.framesExpected == 12)
            #expect(try series.frames() == (0..<8).map { $0 })
            let before = scan.fingerprint
            try series.file(3)
            #expect(try series.frames().count == 12 && series.scan().fingerprint != before)
        }
    }
}
