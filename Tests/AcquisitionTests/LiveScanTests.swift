import Foundation
import Testing

@testable import Acquisition
@testable import ScanFiles

/// What a reader finds on disk while a scan is being written, seen through copies of the files: a second handle of
/// this process would share HDF5's memory of them.
@Suite struct LiveScanTests {
    @Test func filesAppearInTheOrderOfAnAcquisition() throws {
        try withTemporaryDirectory { directory in
            let description = SyntheticScan.description(framesPerFile: 5)
            let writer = try BlissScanWriter(directory: directory, description: description)
            try SyntheticScan.write(with: writer) { frames in
                do {
                    let dataset = try copy(writer.scanFile)
                    #expect(try text(dataset, "1.1/title") == "ascan eta 17.9 18.9 6 1")
                    #expect(try text(dataset, "1.1/writer/status") == "RUNNING")
                    #expect(try text(dataset, "1.1/end_time") == nil)
                    #expect(
                        try HDF5File(readingFrom: dataset).root.open("1.1/instrument/mpx1x4").group?.link("data") == nil
                    )
                    let master = try HDF5File(readingFrom: "\(directory)/simulation_id01.h5").root
                    #expect(try master.names() == ["crystal_0001_1.1"])

                    #expect(writer.frameFiles.count == (frames <= 5 ? 1 : 2))
                    #expect(isLocked(writer.scanFile))
                    if frames < 5 { #expect(isLocked(writer.frameFiles[0])) }
                    if frames >= 5 {
                        #expect(!isLocked(writer.frameFiles[0]))
                        #expect(try text(writer.frameFiles[0], "entry_0000/end_time") != nil)
                    }
                } catch {
                    Issue.record(error)
                }
            }
            #expect(!isLocked(writer.scanFile))
            #expect(try text(writer.scanFile, "1.1/end_time") != nil)
        }
    }

    @Test func framesComeAtEvenIntervals() throws {
        try withTemporaryDirectory { directory in
            let pauses = Pauses()
            var acquisition = Acquisition(clock: .simulated(from: SyntheticScan.start) { pauses.add($0) })
            acquisition.secondsPerFrame = 2
            let writer = try LimaScanWriter(directory: directory, description: SyntheticScan.description())
            try SyntheticScan.write(with: writer, acquisition)
            #expect(pauses.seconds.allSatisfy { abs($0 - 2) < 1e-6 } && pauses.seconds.count == 7)
            let times = try dataset(writer.scanFile, "entry_0000/ESRF-ID01/mpx1x4/time_of_frame").read(as: Double.self)
            #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 2) < 1e-6 })
        }
    }

    @Test func anAbortedScanEndsWithFewerFrames() throws {
        try withTemporaryDirectory { directory in
            var acquisition = SyntheticScan.acquisition
            acquisition.interruption = .abort(afterFrames: 4)
            let description = SyntheticScan.description(framesPerFile: 3)
            let writer = try BlissScanWriter(directory: directory, description: description)
            try SyntheticScan.write(with: writer, acquisition)
            #expect(try text(writer.scanFile, "1.1/end_reason") == "USER_ABORT")
            #expect(try text(writer.scanFile, "1.1/end_time") != nil)
            let data = try dataset(writer.scanFile, "1.1/measurement/mpx1x4")
            #expect(data.shape == [4, 6, 10])
            #expect(try data.read(as: UInt32.self) == (0..<4).flatMap { SyntheticScan.frame($0) })
            let last = try dataset(writer.frameFiles[1], "entry_0000/measurement/data")
            #expect(try last.shape == [3, 6, 10] && last.writtenChunkCount() == 1)
        }
    }

    @Test func aScanThatDiesMarksNoEnd() throws {
        try withTemporaryDirectory { directory in
            var acquisition = SyntheticScan.acquisition
            acquisition.interruption = .crash(afterFrames: 4)
            let files = try {
                let writer = try BlissScanWriter(directory: directory, description: SyntheticScan.description())
                try SyntheticScan.write(with: writer, acquisition)
                return (scan: writer.scanFile, frames: writer.frameFiles)
            }()
            #expect(try text(files.scan, "1.1/writer/status") == "RUNNING")
            #expect(try text(files.scan, "1.1/end_time") == nil)
            #expect(try text(files.frames[0], "entry_0000/end_time") == nil)
            #expect(try dataset(files.frames[0], "entry_0000/measurement/data").writtenChunkCount() == 4)
        }
    }

    private func copy(_ path: String) throws -> String {
        let target = path + ".copy"
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: path, toPath: target)
        return target
    }

    private func isLocked(_ path: String) -> Bool {
        do {
            _ = try FileLock(path)
            return false
        } catch {
            return error.problem == "is locked by another process"
        }
    }
}

private final class Pauses: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Double] = []

    var seconds: [Double] { lock.withLock { values } }
    func add(_ seconds: Double) { lock.withLock { values.append(seconds) } }
}
