import Foundation
import Testing
import Volume

@testable import ScanFiles

/// Acquisitions of Lima alone that go over several files.
@Suite struct LimaSeriesTests {
    private struct Series {
        let directory: String
        func path(_ number: Int) -> String { "\(directory)/mpx_000\(number).h5" }

        /// A file with room for three frames of an acquisition that begins with the file `start`.
        func write(_ number: Int, start: Int = 0, asked: Int = 7, change: (inout LimaFile) -> Void = { _ in }) throws {
            var file = LimaFile(room: 3, first: 3 * (number - start), asked: asked)
            file.written = Array(0..<min(3, asked - file.first))
            change(&file)
            try file.write(to: path(number))
        }

        func scan(_ number: Int = 0) throws -> Scan { try #require(ScanFile.open(path(number)).scans.first) }
    }

    private func withSeries(files: [Int] = [0, 1, 2], _ body: (Series) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let series = Series(directory: directory)
            for number in files { try series.write(number) }
            try body(series)
        }
    }

    @Test func theFilesOfAnAcquisitionAreOneScan() throws {
        try withSeries { series in
            let scan = try series.scan()
            #expect(scan.completeness.state == .complete && scan.completeness.framesWritten == 7)
            #expect(scan.completeness.framesExpected == 7 && scan.stack?.sources.count == 3)
            let reader = try FrameReader(scan)
            #expect(reader.shape.frames == 7)
            #expect(try readAll(scan) == limaCounts(frames: 7))
            for number in 1...2 {
                let file = try ScanFile.open(series.path(number))
                #expect(file.notAScan?.contains("begins in \(series.path(0))") == true)
                #expect(file.scans[0].problem == nil, "the file can still be read by hand")
            }
        }
    }

    /// Found by fuzzing, seed 320190: a later file into which Lima had acquired again was taken.
    @Test func aFileOfSeveralAcquisitionsIsNotJoined() throws {
        try withSeries { series in
            try series.write(1) { $0.isAcquiredAgain = true }
            #expect(try series.scan().problem?.problem.contains("holds several acquisitions") == true)
        }
    }

    @Test func numbersGoOnFromAcquisitionToAcquisition() throws {
        try withSeries { series in
            for number in 3...5 { try series.write(number, start: 3) }
            #expect(try ScanFile.open(series.path(3)).notAScan == nil)
            #expect(try readAll(series.scan(3)) == limaCounts(frames: 7))
            #expect(try ScanFile.open(series.path(5)).notAScan?.contains(series.path(3)) == true)
            // An acquisition that fits a file is one scan, as before.
            try series.write(6, start: 6, asked: 3)
            #expect(try ScanFile.open(series.path(6)).notAScan == nil)
            #expect(try readAll(series.scan(6)) == limaCounts(frames: 3))
        }
    }

    @Test func aSeriesThatIsNotAllThereIsWaitedFor() throws {
        try withSeries(files: [0, 1]) { series in
            let scan = try series.scan()
            #expect(scan.problem == nil && scan.completeness.isOpenAndShort && scan.completeness.framesWritten == 6)
            try series.write(2) { $0.endTime = nil }
            #expect(try series.scan().completeness.state == .running && series.scan().fingerprint != scan.fingerprint)
        }
    }

    @Test func oneThatStoppedWithinAFileIsAborted() throws {
        try withSeries(files: [0]) { series in
            try series.write(1) { $0.written = [0] }
            let scan = try series.scan()
            #expect(scan.completeness.state == .aborted && scan.problem == nil)
            #expect(try readAll(scan) == limaCounts(frames: 4))
        }
    }

    @Test func nothingIsJoinedAcrossAHole() throws {
        try withSeries(files: [0, 2]) { series in
            let problem = try #require(series.scan().problem)
            #expect(problem.problem.contains("hole"))
        }
        // Frames that were lost within a file.
        try withSeries(files: [0, 2]) { series in
            try series.write(1) { $0.written = [0, 2] }
            #expect(try series.scan().problem?.problem.contains("never written") == true)
        }
    }

    @Test func whereTheBeginningIsNotThereNobodyCanTell() throws {
        try withSeries(files: [1, 2]) { series in
            let file = try ScanFile.open(series.path(1))
            #expect(file.notAScan?.contains(series.path(0)) == true)
        }
    }

    @Test func anotherAcquisitionsFilesAreNotJoined() throws {
        try withSeries(files: [0, 1]) { series in
            try series.write(2, start: 2, asked: 3)
            #expect(try series.scan().problem?.problem.contains("expected frames of the acquisition") == true)
        }
    }
}
