import Detectors
import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct LimaTests {
    private func withFile<Result>(
        _ lima: LimaFile, named name: String = "mpx1x4_0000.h5", _ body: (ScanFile) throws -> Result
    ) throws -> Result {
        try withTemporaryDirectory { directory in
            try lima.write(to: "\(directory)/\(name)")
            return try body(ScanFile.open("\(directory)/\(name)"))
        }
    }

    @Test func aLimaFileIsAScan() throws {
        try withFile(LimaFile(room: 3)) { file in
            #expect(file.layout == .lima && file.notAScan == nil)
            let scan = try #require(file.scans.first)
            #expect(scan.entry == "/entry_0000" && scan.number == nil && scan.completeness.state == .complete)
            #expect(scan.stack?.dataset == "/entry_0000/measurement/data")
            #expect(scan.evidence.map(\.text).contains("MPX-2x2"))
            #expect(try readAll(scan) == limaCounts(frames: 3))
        }
    }

    @Test func anOpenLimaFileIsRunning() throws {
        try withFile(LimaFile(room: 3, written: [0], endTime: nil)) { file in
            #expect(file.scans[0].completeness.state == .running && file.scans[0].problem?.kind == .incomplete)
        }
    }

    @Test func framesThatWereNeverAskedForAreNotMissed() throws {
        // 201 frames over files of 100: the third holds one.
        try withFile(LimaFile(room: 100, written: [0], asked: 201), named: "mpx1x4_0002.h5") { file in
            #expect(file.scans[0].completeness.state == .complete && file.scans[0].completeness.framesWritten == 1)
        }
        try withFile(LimaFile(room: 100, written: [0, 1], asked: 100)) { file in
            #expect(file.scans[0].completeness.state == .aborted && file.scans[0].completeness.framesExpected == 100)
            let reader = try FrameReader(file.scans[0])
            #expect(reader.shape.frames == 2)
        }
    }

    @Test func aLimaFileOfABlissScanPointsToIt() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry())
            #expect(try ScanFile.open(tree.limaFile(index: 0)).notAScan?.contains(tree.datasetFile) == true)
        }
    }

    @Test func aWriterThatHoldsItsLockIsNotDisturbed() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry())
            var locks: [Int32] = []
            for path in [tree.datasetFile, tree.limaFile(index: 0), tree.limaFile(index: 1)] {
                let descriptor = Foundation.open(path, O_RDWR)
                #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
                locks.append(descriptor)
            }
            let scan = try ScanFile.open(tree.datasetFile).scans[0]
            let reader = try FrameReader(scan)
            _ = try reader.read(frames: 0..<4)
            #expect(try readAll(scan) == limaCounts(frames: 4))
            for descriptor in locks { close(descriptor) }
            // And while the reader has a file open, a writer gets its lock.
            let descriptor = Foundation.open(tree.limaFile(index: 1), O_RDWR)
            #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            close(descriptor)
            try reader.verifyUnchanged()
        }
    }
}
