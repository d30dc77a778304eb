import Foundation
import TestSupport
import Testing
import Volume

@testable import ScanFiles

/// Scans that are recorded as one file for each frame.
@Suite struct FrameSeriesTests {
    private func withSeries(_ body: (SmallSeries) throws -> Void) throws {
        try withTemporaryDirectory { try body(SmallSeries(directory: $0)) }
    }

    @Test func theFramesOfADirectoryAreReadInTheOrderOfTheirNumbers() throws {
        try withSeries { series in
            for number in [3, 0, 1, 4, 2] { try series.writeEDF(number) }
            try ImageFiles.gzip(series.writeEDF(5))
            let name = "\(series.directory)/crystal_12_#.edf"
            // By the directory (with another series in it, only by name), by one of its files, and by its name.
            try FileManager.default.removeItem(atPath: "\(series.directory)/crystal_12_0005.edf.gz")
            for input in [series.directory, "\(series.directory)/crystal_12_0003.edf", name] {
                let file = try ScanFile.open(input)
                #expect(file.path == name && file.layout == .frameSeries && file.notAScan == nil)
                let scan = try #require(file.scans.first)
                #expect(scan.input == name && scan.problem == nil && scan.label == "")
                #expect(scan.completeness.state == .unmarked && scan.completeness.framesWritten == 5)
                #expect(scan.stack?.sources.count == 5)
                #expect(try readAll(scan) == series.expected(0..<5))
            }
        }
    }

    @Test func theHeadersOfTheESRFNameTheMotorThatMoves() throws {
        try withSeries { series in
            for number in 0..<4 {
                try series.writeEDF(
                    number,
                    fields: [
                        "title": "crystal 12", "motor_mne": "delta eta nu",
                        "motor_pos": "32 \(18 + 0.5 * Double(number)) \(7 - number)",
                    ])
            }
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.title == "crystal 12")
            #expect(scan.scannedMotor == ScannedMotor(name: "eta", values: [18, 18.5, 19, 19.5], units: nil))
            // Of a frame without a file nobody knows where the motors stood.
            try FileManager.default.removeItem(atPath: "\(series.directory)/crystal_12_0002.edf")
            #expect(try ScanFile.open(series.directory).scans[0].scannedMotor == nil)
        }
    }

    @Test func compressedFramesAreRead() throws {
        try withSeries { series in
            for number in 0..<4 { try ImageFiles.gzip(series.writeEDF(number)) }
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.stack?.filters == ["gzip"])
            #expect(try readAll(scan) == series.expected(0..<4))
            // Backwards, too.
            let reader = try FrameReader(scan)
            #expect(try reader.read(frames: 1..<2).decode().voxels == series.expected(1..<2))
        }
    }

    @Test func aFrameThatIsMissingIsMaskedAndNamed() throws {
        try withSeries { series in
            for number in [2, 3, 5, 6, 7] { try series.writeTIFF(number) }
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.problem == nil && scan.stack?.shape.frames == 6)
            #expect(scan.remarks.contains { $0.contains("1 file of crystal_12_#.tif is not there (4)") })
            let decoded = try FrameReader(scan).read(frames: 1..<4).decode()
            #expect(decoded.invalid == (0..<3 * 600).map { (600..<1200).contains($0) })
            #expect(Array(decoded.voxels[1200...]) == series.expected([5]))
            #expect(try FrameReader(scan).read(frames: 2..<3).decodeDouble().isEmpty)
        }
    }

    @Test func numbersThatAreFarApartAreNoSeries() throws {
        try withSeries { series in
            for number in [1, 2, 900] { try series.writeTIFF(number) }
            let problem = try ScanFile.open(series.directory).scans[0].problem
            #expect(problem?.description.contains("found only 3 files from number 1 to 900") == true)
        }
    }

    @Test func aFileThatDiffersIsNamedWithWhatWasFoundAndExpected() throws {
        try withSeries { series in
            for number in 0..<5 { try series.writeEDF(number) }
            let path = "\(series.directory)/crystal_12_0002.edf"
            let cases: [(Data, String)] = [
                (
                    ImageFiles.edf(series.counts(2), rows: 30, columns: 20, type: "UnsignedShort"),
                    "expected 20x30 uint16 as in \(series.directory)/crystal_12_0000.edf, found 30x20 uint16"
                ),
                (
                    ImageFiles.edf([UInt32](repeating: 1, count: 600), rows: 20, columns: 30, type: "UnsignedLong"),
                    "expected 20x30 uint16 as in \(series.directory)/crystal_12_0000.edf, found 20x30 uint32"
                ),
                (
                    ImageFiles.edf(series.counts(2), rows: 20, columns: 30, type: "UnsignedShort").dropLast(100),
                    "expected 1712 bytes, found 1612: truncated or still being written"
                ),
                (Data("x".utf8), "expected an EDF or TIFF image, found something else"),
            ]
            for (data, words) in cases {
                try data.write(to: URL(filePath: path))
                let problem = try ScanFile.open(series.directory).scans[0].problem
                #expect(problem == ScanFileError(path: path, problem: words))
            }
        }
    }

    @Test func aLastFileThatIsCutShortIsAnError() throws {
        try withSeries { series in
            for number in 0..<5 { try series.writeEDF(number) }
            let last = URL(filePath: "\(series.directory)/crystal_12_0004.edf")
            try Data(contentsOf: last).dropLast(1).write(to: last)
            let scan = try ScanFile.open(series.directory).scans[0]
            #expect(scan.problem?.path == last.path(percentEncoded: false))
            #expect(scan.completeness.framesWritten == 4)
        }
    }

    @Test func aCompressedFileThatIsCutShortOrDamagedIsAnError() throws {
        try withSeries { series in
            for number in 0..<4 { try ImageFiles.gzip(series.writeEDF(number)) }
            let file = URL(filePath: "\(series.directory)/crystal_12_0001.edf.gz")
            let whole = try Data(contentsOf: file)
            try whole.dropLast(20).write(to: file)
            #expect(throws: ScanFileError.self) { try readAll(ScanFile.open(series.directory).scans[0]) }
            // What is damaged within shows when it is read, by the checksum at the latest.
            for place in stride(from: whole.count - 1, to: 30, by: -3) {
                for bit in [0x01, 0x80, 0xff] as [UInt8] {
                    var damaged = whole
                    damaged[place] ^= bit
                    try damaged.write(to: file)
                    // Right, where the bit means nothing, or refused.
                    do {
                        let voxels = try readAll(ScanFile.open(series.directory).scans[0])
                        #expect(voxels == series.expected(0..<4) && place < whole.count - 8, "byte \(place)")
                    } catch {
                        #expect((error as? ScanFileError)?.path == file.path(percentEncoded: false), "\(error)")
                    }
                }
            }
        }
    }

    @Test func twoSeriesOfADirectoryAreTwoScans() throws {
        try withSeries { series in
            for number in 0..<3 {
                try series.writeEDF(number)
                try series.writeEDF(number + 10, name: "other_")
                try series.writeTIFF(number + 20)
            }
            let error = #expect(throws: ScanFileError.self) { try ScanFile.open(series.directory) }
            #expect(
                error?.problem
                    == "holds 3 series of frames: name one of them, crystal_12_#.edf, crystal_12_#.tif, other_#.edf")
            let other = try ScanFile.open("\(series.directory)/other_0011.edf").scans[0]
            #expect(try readAll(other) == series.expected(10..<13))
            let tiff = try ScanFile.open("\(series.directory)/crystal_12_#.tif").scans[0]
            #expect(try readAll(tiff) == series.expected(20..<23))
        }
    }

    @Test func twoFilesOfTheSameNumberAreAnError() throws {
        try withSeries { series in
            try series.writeEDF(1)
            try FileManager.default.copyItem(
                atPath: "\(series.directory)/crystal_12_0001.edf", toPath: "\(series.directory)/crystal_12_001.edf")
            let error = #expect(throws: ScanFileError.self) { try ScanFile.open(series.directory) }
            #expect(error?.problem.contains("has the same number as") == true)
        }
    }

    @Test func filesWithSeveralImagesAreScansOfTheirOwn() throws {
        try withSeries { series in
            for file in 1...2 {
                let images = (0..<3).map { series.counts(10 * file + $0) }
                try ImageFiles.tiff(images, rows: 20, columns: 30)
                    .write(to: URL(filePath: "\(series.directory)/stack_000\(file).tif"))
            }
            let file = try ScanFile.open("\(series.directory)/stack_#.tif")
            #expect(file.scans.map(\.number) == [1, 2] && file.scans.map(\.label) == ["_0001", "_0002"])
            #expect(try readAll(file.scans[1]) == series.expected(20..<23))
            let second = try ScanFile.open("\(series.directory)/stack_#.tif", scan: 2)
            #expect(second.scans.count == 1 && second.scans[0].number == 2)
            // By hand, one of them alone.
            let alone = try ScanFile.open("\(series.directory)/stack_0001.tif")
            #expect(alone.layout == .imageStack && alone.notAScan == nil)
            #expect(try readAll(alone.scans[0]) == series.expected(10..<13))
        }
    }

    @Test func onePictureIsNoScan() throws {
        try withSeries { series in
            let path = "\(series.directory)/overview.tif"
            try ImageFiles.tiff([series.counts(1)], rows: 20, columns: 30).write(to: URL(filePath: path))
            #expect(try ScanFile.open(path).notAScan == "one image, which is no series of frames")
            let mask = "\(series.directory)/mask.tif"
            try ImageFiles.tiff([series.counts(1), series.counts(2)], rows: 20, columns: 30)
                .write(to: URL(filePath: mask))
            #expect(try ScanFile.open(mask).notAScan == "is named a “mask”, which is no scan")
        }
    }

    @Test func aDirectoryWithoutFramesIsAnError() throws {
        try withTemporaryDirectory { directory in
            let error = #expect(throws: ScanFileError.self) { try ScanFile.open(directory) }
            #expect(error?.problem == "expected a file, found a directory without EDF or TIFF frames")
        }
    }

    @Test func theFingerprintChangesWithEveryFrame() throws {
        try withSeries { series in
            for number in 0..<3 { try series.writeEDF(number) }
            let before = try ScanFile.open(series.directory).scans[0].fingerprint
            #expect(try ScanFile.open(series.directory).scans[0].fingerprint == before)
            try series.writeEDF(3)
            #expect(try ScanFile.open(series.directory).scans[0].fingerprint != before)
        }
    }

    @Test func headersAndNamesTellOfTheDetector() throws {
        try withSeries { series in
            let fields = ["counter_mne": "sec mpx4inr adc", "PSize_1": "55e-6", "detector": "maxipix"]
            for number in 0..<3 { try series.writeEDF(number, name: "data_mpx4_", fields: fields) }
            let scan = try ScanFile.open(series.directory).scans[0]
            let texts = scan.evidence.map { "\($0)" }
            #expect(texts.prefix(2) == ["file header “maxipix”", "file header “mpx4inr”"])
            #expect(texts.contains("file name “data_mpx4_0000.edf”"))
            #expect(scan.detector.xPixelSize == 55e-6)
        }
    }
}
