import Foundation
import Testing
import Volume

@testable import ScanFiles

/// What the SPEC file beside frames tells of their scan.
@Suite struct SpecFileTests {
    private func withSeries(_ body: (SmallSeries) throws -> Void) throws {
        try withTemporaryDirectory { try body(SmallSeries(directory: $0)) }
    }

    private let command = "ascan  eta 18 18.1 5  1"

    @Test func titlePointsAndMotorComeFromTheScanOfThatNumber() throws {
        try withSeries { series in
            for number in 0..<6 { try series.writeTIFF(number) }
            try series.writeSpec([
                .init(number: 11, command: "ascan  phi 0 1 5  1", points: 6),
                .init(number: 12, command: command, points: 6),
            ])
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.number == 12 && scan.entry == "/12.1" && scan.label == "")
            #expect(scan.title == "ascan eta 18 18.1 5 1" && scan.startTime == "2026-11-28T12:00:01")
            #expect(
                scan.completeness.state == .complete && scan.completeness.framesExpected == 6 && scan.problem == nil)
            #expect(scan.scannedMotor?.name == "eta" && scan.scannedMotor?.values.count == 6)
            #expect(try readAll(scan) == series.expected(0..<6))
        }
    }

    @Test func aScanThatSpecHasNotEndedRuns() throws {
        try withSeries { series in
            for number in 0..<4 { try series.writeTIFF(number) }
            try series.writeSpec([.init(number: 12, command: command, points: 4)])
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.completeness.state == .running && scan.problem?.kind == .incomplete)
            #expect(scan.completeness.evidence.contains("SPEC has 4 of 6 points of scan 12"))
            let before = scan.fingerprint
            // Aborted by hand.
            try series.writeSpec([.init(number: 12, command: command, points: 4, isAborted: true)])
            let aborted = try ScanFile.open(series.directory).scans[0]
            #expect(aborted.completeness.state == .aborted && aborted.problem == nil && aborted.fingerprint != before)
            #expect(aborted.completeness.framesWritten == 4)
            // Another scan begins.
            try series.writeSpec([
                .init(number: 12, command: command, points: 4), .init(number: 13, command: command, points: 1),
            ])
            #expect(try ScanFile.open(series.directory).scans[0].completeness.state == .aborted)
        }
    }

    @Test func framesThatComeAfterTheirPointsAreWaitedFor() throws {
        try withSeries { series in
            for number in 0..<5 { try series.writeTIFF(number) }
            try series.writeSpec([.init(number: 12, command: command, points: 6)])
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.completeness.isOpenAndShort && scan.completeness.framesExpected == 6)
        }
    }

    @Test func aScanWithFewerPointsThanFramesIsAnother() throws {
        try withSeries { series in
            for number in 0..<9 { try series.writeTIFF(number) }
            try series.writeSpec([.init(number: 12, command: command, points: 6)])
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.number == nil && scan.title == nil && scan.completeness.state == .unmarked)
        }
    }

    @Test func imagesThatAreCountedFromScanToScanAreDividedAmongTheScans() throws {
        try withSeries { series in
            // 3 frames are of no scan, and the sixth of the second scan was not saved.
            for number in Array(10..<16) + Array(18..<23) + [24, 25, 40] {
                try series.writeEDF(number, name: "data_mpx4_")
            }
            let template = "/data/id01/data_mpx4_%05d.edf.gz"
            try series.writeSpec([
                .init(number: 3, command: command, points: 6, firstImage: 10, template: template),
                .init(number: 4, command: "ascan  eta 18 19 7  1", points: 8, firstImage: 18, template: template),
            ])
            let file = try ScanFile.open("\(series.directory)/data_mpx4_#.edf")
            #expect(file.scans.map(\.entry) == ["/3.1", "/4.1"])
            #expect(file.scans.map(\.label) == ["_scan0003", "_scan0004"])
            #expect(file.scans.allSatisfy { $0.completeness.state == .complete && $0.problem == nil })
            #expect(try readAll(file.scans[0]) == series.expected(10..<16))
            let decoded = try FrameReader(file.scans[1]).read(frames: 0..<8).decode()
            #expect(decoded.invalid.indices.filter { decoded.invalid[$0] } == Array(3000..<3600))
            #expect(Array(decoded.voxels[3600...]) == series.expected(24..<26))
            #expect(file.scans[0].evidence.first.map { "\($0)" } == "group name “mpx4”")
            let selected = try ScanFile.open(
                "\(series.directory)/data_mpx4_#.edf", selection: ScanSelection("4.1"))
            #expect(selected.scans.map(\.entry) == ["/4.1"])
        }
    }

    @Test func headersThatNameTheirScanDivideTheImagesWithoutSpec() throws {
        try withSeries { series in
            for number in [1, 2, 3, 5, 6, 7] {
                try series.writeEDF(number, name: "data_mpx4_", fields: ["scan_no": number < 5 ? "8" : "9"])
            }
            try series.writeEDF(9, name: "data_mpx4_", fields: ["scan_no": "9"])
            let file = try ScanFile.open("\(series.directory)/data_mpx4_#.edf")
            #expect(file.scans.map(\.number) == [8, 9] && file.scans.map(\.label) == ["_scan0008", "_scan0009"])
            #expect(try readAll(file.scans[0]) == series.expected(1..<4))
            let decoded = try FrameReader(file.scans[1]).read(frames: 0..<5).decode()
            #expect(decoded.invalid.indices.filter { decoded.invalid[$0] } == Array(1800..<2400))
        }
    }

    @Test func otherTextsAreNoSpecFiles() throws {
        try withSeries { series in
            try Data("#F".utf8).write(to: URL(filePath: "\(series.directory)/a.spec"))
            try Data("# eta\n1 2\n".utf8).write(to: URL(filePath: "\(series.directory)/b.dat"))
            #expect(SpecFile("\(series.directory)/a.spec") == nil && SpecFile("\(series.directory)/b.dat") == nil)
        }
    }
}
