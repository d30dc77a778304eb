import Detectors
import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct BlissTests {
    @Test func aScanIsReadThroughItsLimaFiles() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(endReason: "SUCCESS", status: "SUCCEEDED"))
            let file = try ScanFile.open(tree.datasetFile)
            #expect(file.layout == .blissDataset && file.notAScan == nil)
            let scan = try #require(file.scans.first)
            #expect(scan.problem == nil && scan.number == 1 && scan.entry == "/1.1")
            #expect(scan.title == "ascan eta 18 19 3 1")
            let stack = try #require(scan.stack)
            #expect(stack.dataset == "/1.1/instrument/mpx1x4/data" && stack.elementType == .uint32)
            #expect(stack.shape == VolumeShape(frames: 4, rows: LimaFile.rows, columns: LimaFile.columns))
            #expect(stack.sources.map(\.path) == [tree.limaFile(index: 0), tree.limaFile(index: 1)])
            #expect(scan.completeness.state == .complete && scan.completeness.framesWritten == 4)
            #expect(scan.completeness.framesExpected == 4)
            #expect(scan.scannedMotor == ScannedMotor(name: "eta", values: [18, 18.33, 18.67, 19], units: "deg"))
            #expect(scan.groupsToCopy.map(\.destination) == ["instrument/positioners", "sample"])
            #expect(scan.evidence.contains(DetectorEvidence(source: .limaType, text: "MAXIPIX")))
            #expect(scan.evidence.contains(DetectorEvidence(source: .groupName, text: "mpx1x4")))
            #expect(scan.evidence.contains(DetectorEvidence(source: .fileName, text: "mpx1x4_0000.h5")))
            #expect(scan.detector.xPixelSize == 55e-6 && scan.detector.yPixelSize == 55e-6)
            #expect(scan.operations.isIdentity)
            #expect(try readAll(scan) == limaCounts(frames: 4))
        }
    }

    @Test func sourcesThatAreMappedWholeAreRead() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(mapsWhole: true))
            let scan = try ScanFile.open(tree.datasetFile).scans[0]
            #expect(scan.problem == nil)
            #expect(try readAll(scan) == limaCounts(frames: 4))
        }
    }

    @Test(arguments: ["hc1234_id01.h5", "sample/hc1234_sample.h5"])
    func mastersLeadToTheScanAndAreNoScansOfTheirOwn(master: String) throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(), BlissTree.Entry(number: 2))
            let file = try ScanFile.open("\(directory)/\(master)")
            #expect(file.layout == .blissMaster && file.notAScan != nil)
            #expect(file.scans.map(\.number) == [1, 2])
            #expect(file.scans.map(\.entry) == ["/sample_0001_1.1", "/sample_0001_2.1"])
            for scan in file.scans { #expect(try readAll(scan) == limaCounts(frames: 4)) }
            #expect(try file.scans[0].fingerprint == ScanFile.open(tree.datasetFile).scans[0].fingerprint)
        }
    }

    @Test func anEntryInAFileOfItsOwnIsFollowed() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(), separate: true)
            let file = try ScanFile.open(tree.datasetFile)
            #expect(file.layout == .blissDataset && file.notAScan == nil)
            #expect(try readAll(#require(file.scans.first)) == limaCounts(frames: 4))
            let own = try ScanFile.open("\(directory)/sample/sample_0001/scan0001/bliss_master.h5")
            #expect(own.notAScan?.contains(tree.datasetFile) == true)
        }
    }

    @Test func aRunningScanIsNotComplete() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            let lima = LimaFile(room: 4, written: [0, 1], endTime: nil)
            try tree.write(BlissTree.Entry(endTime: nil, status: "RUNNING", files: [(lima, 4)]))
            let scan = try #require(try ScanFile.open(tree.datasetFile).scans.first)
            #expect(scan.completeness.state == .running && scan.completeness.framesWritten == 2)
            #expect(scan.problem?.kind == .incomplete)
            #expect(throws: ScanFileError.self) { try FrameReader(scan) }
        }
    }

    @Test func aRunningScanNeedsNoFrames() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(endTime: nil, files: []))
            let scan = try #require(try ScanFile.open(tree.datasetFile).scans.first)
            #expect(scan.stack == nil && scan.completeness.state == .running && scan.completeness.framesWritten == 0)
            #expect(scan.problem?.kind == .incomplete)
        }
    }

    @Test func framesThatLimaStillHoldsBackAreWaitedFor() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            let lima = LimaFile(room: 4, written: [0, 1], endTime: nil)
            try tree.write(BlissTree.Entry(endReason: "SUCCESS", files: [(lima, 4)]))
            let scan = try #require(try ScanFile.open(tree.datasetFile).scans.first)
            #expect(scan.completeness.state == .running)
        }
    }

    @Test(arguments: ["USER_ABORT", nil])
    func anAbortedScanGivesItsFirstFrames(reason: String?) throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            let lima = LimaFile(room: 4, written: [0, 1, 2])
            try tree.write(BlissTree.Entry(endReason: reason, files: [(lima, 4)]))
            let scan = try #require(try ScanFile.open(tree.datasetFile).scans.first)
            #expect(scan.completeness.state == .aborted && scan.problem == nil)
            #expect(scan.completeness.framesWritten == 3 && scan.completeness.framesExpected == 4)
            #expect(scan.stack?.shape.frames == 4)
            #expect(scan.scannedMotor?.values.count == 3)
            #expect(try readAll(scan) == limaCounts(frames: 3))
        }
    }

    @Test func anAbortedScanMayLackItsLastFile() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(endReason: "USER_ABORT", absent: [1]))
            let scan = try #require(try ScanFile.open(tree.datasetFile).scans.first)
            #expect(scan.completeness.state == .aborted && scan.problem == nil)
            #expect(try readAll(scan) == limaCounts(frames: 2))
        }
    }

    @Test(arguments: ["SUCCESS", nil])
    func aMissingFileIsNamed(reason: String?) throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(endReason: reason, absent: [1]))
            let scan = try #require(try ScanFile.open(tree.datasetFile).scans.first)
            let problem = try #require(scan.problem)
            #expect(problem.path == tree.limaFile(index: 1) && problem.kind == .input)
            #expect(problem.description.contains("no such file"))
            #expect(problem.description.contains("/1.1/instrument/mpx1x4/data"))
            #expect(scan.completeness.framesWritten == 2)
        }
    }

    @Test func aSourceThatIsTooShortIsNamed() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            let files = [(file: LimaFile(room: 2), mapped: 2), (file: LimaFile(room: 1, first: 2), mapped: 2)]
            try tree.write(BlissTree.Entry(endReason: "SUCCESS", files: files))
            let problem = try #require(try ScanFile.open(tree.datasetFile).scans.first?.problem)
            #expect(problem.path == tree.limaFile(index: 1))
            #expect(problem.description.contains("expected 2 frames, found 1"))
        }
    }

    @Test(arguments: ["SUCCESS", "USER_ABORT"])
    func aFrameNeverWrittenBetweenOthersIsNamed(reason: String) throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            let lima = LimaFile(room: 4, written: [0, 1, 3])
            try tree.write(BlissTree.Entry(endReason: reason, files: [(lima, 4)]))
            let problem = try #require(try ScanFile.open(tree.datasetFile).scans.first?.problem)
            #expect(problem.description.contains("frame 2 was never written"))
        }
    }

    @Test func aTruncatedFileIsNamed() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry())
            let path = tree.limaFile(index: 1)
            try Data(contentsOf: URL(filePath: path)).prefix(3000).write(to: URL(filePath: path))
            let problem = try #require(try ScanFile.open(tree.datasetFile).scans.first?.problem)
            #expect(problem.path == path && problem.kind == .input)
            #expect(problem.description.contains("damaged or still being written"))
        }
    }

    @Test func oneScanAndItsDatasetCanBeAskedFor() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(), BlissTree.Entry(number: 12))
            let path = "/12.1/measurement/mpx1x4"
            let scans = try ScanFile.open(tree.datasetFile, dataset: path, scan: 12).scans
            #expect(scans.map(\.number) == [12] && scans[0].stack?.dataset == path)
            #expect(scans[0].evidence.map(\.text).contains("mpx1x4"))
            #expect(try readAll(scans[0]) == limaCounts(frames: 4))
            let wrong = try ScanFile.open(tree.datasetFile, dataset: "instrument/eiger/data").scans[0]
            #expect(wrong.problem?.description.contains("no such dataset") == true)
        }
    }

    @Test func aScanWithoutImagesSaysSo() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry(files: []))
            let scan = try ScanFile.open(tree.datasetFile).scans[0]
            #expect(scan.stack == nil && scan.completeness.state == .complete)
            #expect(scan.problem?.description.contains("holds no stack of images") == true)
        }
    }

    @Test(arguments: [("3.1", 3, 1, false), ("3.2", 3, 2, false), ("S1_0001_12.1", 12, 1, true)])
    func entryNamesTellTheScan(name: String, scan: Int, subscan: Int, hasPrefix: Bool) throws {
        let entry = try #require(BlissEntryName(name))
        #expect(entry.scan == scan && entry.subscan == subscan && entry.hasPrefix == hasPrefix)
        #expect(BlissEntryName("entry_0000") == nil && BlissEntryName("1") == nil)
    }

    @Test func laterScansLeaveAFingerprintAlone() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry())
            let before = try ScanFile.open(tree.datasetFile).scans[0].fingerprint
            let lima = try Data(contentsOf: URL(filePath: tree.limaFile(index: 0)))
            let handle = try FileHandle(forWritingTo: URL(filePath: tree.datasetFile))
            try handle.seekToEnd()
            try handle.write(contentsOf: [0])
            try handle.close()
            #expect(try ScanFile.open(tree.datasetFile).scans[0].fingerprint == before)
            try lima.write(to: URL(filePath: tree.limaFile(index: 0)))
            #expect(try ScanFile.open(tree.datasetFile).scans[0].fingerprint != before)
        }
    }

    @Test func aFileReplacedWhileReadIsNoticed() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry())
            let scan = try ScanFile.open(tree.datasetFile).scans[0]
            let reader = try FrameReader(scan)
            _ = try reader.read(frames: 0..<4)
            try reader.verifyUnchanged()
            try LimaFile(room: 2).write(to: tree.limaFile(index: 0))
            let error = #expect(throws: ScanFileError.self) { try reader.verifyUnchanged() }
            #expect(error?.path == tree.limaFile(index: 0))
        }
    }

    @Test func aFileThatVanishesWhileReadIsNamed() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            try tree.write(BlissTree.Entry())
            let reader = try FrameReader(ScanFile.open(tree.datasetFile).scans[0])
            _ = try reader.read(frames: 0..<2)
            try FileManager.default.removeItem(atPath: tree.limaFile(index: 1))
            let error = #expect(throws: ScanFileError.self) { try reader.read(frames: 2..<4) }
            #expect(error?.description == "\(tree.limaFile(index: 1)): no such file")
        }
    }

    @Test func limaOperationsAreHandedOn() throws {
        try withTemporaryDirectory { directory in
            let tree = BlissTree(directory: directory)
            let lima = LimaFile(room: 4, flippedRows: true, rotation: "90", region: (10, 20))
            try tree.write(BlissTree.Entry(files: [(lima, 4)]))
            let operations = try ScanFile.open(tree.datasetFile).scans[0].operations
            #expect(operations.flippedRows && !operations.flippedColumns && operations.rotationDegrees == 90)
            #expect(
                operations.region
                    == ImageOperations.Region(
                        firstRow: 10, firstColumn: 20, rows: LimaFile.rows, columns: LimaFile.columns))
        }
    }

    @Test(arguments: [
        ("ascan eta 18 19 50 1", ["eta"], 51), ("a2scan x 0 1 y 0 1 20 0.1", ["x", "y"], 21),
        ("dmesh x 0 1 10 y 0 1 5 0.1", ["x", "y"], 66), ("loopscan 7 0.1", [], 7), ("ct 1", [], 1),
    ])
    func titlesSayHowManyFramesWereAsked(title: String, motors: [String], points: Int) {
        let command = BlissCommand(title: title)
        #expect(command.motors == motors && command.points == points)
    }
}
