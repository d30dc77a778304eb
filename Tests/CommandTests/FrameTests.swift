import Foundation
import ScanFiles
import TestSupport
import Testing

/// Scans that are recorded as one image file for each frame, by the built program.
@Suite struct FrameTests {
    /// One frame of a scan, as the detector `tiny` takes it.
    private static func frame(_ number: Int, fields: [String: String] = [:]) -> Data {
        ImageFiles.edf(values(number), rows: 24, columns: 32, type: "UnsignedShort", fields: fields)
    }

    private static func values(_ number: Int) -> [UInt16] { (0..<24 * 32).map { UInt16(20 + ($0 + 11 * number) % 37) } }

    /// The voxels of an output, or its mask.
    private static func read(_ output: String, _ name: String) throws -> [Float] {
        guard case .dataset(let dataset) = try HDF5File(readingFrom: output).root.open("/entry/data/\(name)") else {
            return []
        }
        return try dataset.read()
    }

    private struct Report: Decodable {
        var output: String
        var detector: String?
        var shape: [Int]
        var remarks: [String]
    }

    private struct Inspection: Decodable {
        struct Scan: Decodable {
            struct Detector: Decodable { var name: String }
            var detector: Detector?
            var shape: [Int]?
            var title: String?
        }
        var input: String
        var layout: String
        var scans: [Scan]
    }

    @Test func whatFabioAndTifffileWriteIsReadExactly() async throws {
        try await withTemporaryDirectory { directory in
            try await runPython("check_frames.py", LacunaProcess.executable.plainPath, directory.plainPath)
        }
    }

    @Test func framesOfAMaxipixAreRecognisedByNameOrHeader() async throws {
        try await withTemporaryDirectory { directory in
            for (name, fields) in [("data_mpx4_", [:]), ("crystal_", ["detector": "mpx1x4"])] {
                for number in 0..<3 {
                    let values = [UInt16](repeating: UInt16(number), count: 516 * 516)
                    let data = ImageFiles.edf(values, rows: 516, columns: 516, type: "UnsignedShort", fields: fields)
                    try data.write(to: directory.appending(path: "\(name)000\(number).edf"))
                }
                let result = try await LacunaProcess.run(
                    "inspect", directory.appending(path: "\(name)0001.edf").plainPath, "--json")
                let inspection = try JSONDecoder().decode(Inspection.self, from: Data(result.output.utf8))
                #expect(inspection.input.hasSuffix("/\(name)#.edf") && inspection.layout == "frame series")
                #expect(inspection.scans.first?.detector?.name == "maxipix-2x2")
                #expect(inspection.scans.first?.shape == [3, 516, 516])
            }
            // Nothing but the shape says too little, and the error says which have it.
            for number in 0..<3 {
                try FileManager.default.moveItem(
                    at: directory.appending(path: "data_mpx4_000\(number).edf"),
                    to: directory.appending(path: "sample_000\(number).edf"))
            }
            let unnamed = directory.appending(path: "sample_#.edf").plainPath
            let refused = try await LacunaProcess.run("inpaint", unnamed)
            #expect(
                refused.status == 3 && refused.errors.contains("of this shape: ")
                    && refused.errors.contains("maxipix-2x2"))
        }
    }

    @Test func aQuadChipIsNamedByTheConfiguration() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0.2, detectors: [merlin-512]",
                rest: "processing: {method: linear, preview: false}")
            let folder = daemon.data.appending(path: "AD34idcTIM2_s1/s1_S0012")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let values = (0..<512 * 512).map { UInt16(truncatingIfNeeded: $0 % 89 + 3) }
            for number in 0..<4 {
                try ImageFiles.tiff([values], rows: 512, columns: 512)
                    .write(to: folder.appending(path: "s1_S0012_0000\(number).tif"))
            }
            let points = (0..<4).map { "\($0) 1\n" }.joined()
            try Data("#F s1\n\n#S 12  ascan  th 0 3 3 1\n#N 2\n#L Theta  Detector\n\(points)\n".utf8)
                .write(to: daemon.data.appending(path: "s1"))
            try daemon.start("--once")
            #expect(try await daemon.end() == 0)
            #expect(try daemon.ledger.counts() == ["done": 1])
            let output = folder.appending(path: "s1_S0012_inpainted.h5").plainPath
            #expect(FileManager.default.fileExists(atPath: output))
            #expect(daemon.count(of: "merlin-512") > 0)
        }
    }

    @Test func frameDirectoriesUnderTheDaemonBecomeOneScanForEachSeries() async throws {
        try await withTemporaryDirectory { directory in
            let tree = directory.appending(path: "tree")
            try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
            _ = try SmallScan.describeDetectors(in: directory)
            func write(_ data: Data, _ name: String) throws { try data.write(to: tree.appending(path: name)) }
            // Frames as detectors write them: under another name, or in place.
            try write(Self.frame(0), "overview.edf")
            for number in 0..<5 { try write(Self.frame(number), "tiny_broken_000\(number).edf") }
            try write(Self.frame(5).dropLast(100), "tiny_broken_0005.edf")
            let daemon = try DaemonProcess(in: directory, name: "daemon")
            for number in 0..<8 where number != 3 {
                try write(Self.frame(number), "tiny_a_000\(number).edf")
                try write(Self.frame(number + 20), "tiny_b_\(number).edf")
                try await Task.sleep(for: .milliseconds(100))
            }
            let wanted = ["done": 2, "quarantined": 1, "skipped": 1]
            let status = try await daemon.wait { $0.counts.filter { $0.value > 0 } == wanted }
            #expect(status?.counts.filter { $0.value > 0 } == wanted, "\(daemon.journal)")
            #expect(status?.failed.first?.reason?.contains("tiny_broken_0005.edf: expected ") == true)
            #expect(try await daemon.end() == 0)
            for (name, first) in [("a", 0), ("b", 20)] {
                let output = tree.appending(path: "tiny_\(name)_inpainted.h5").plainPath
                let (voxels, unusable) = try (Self.read(output, "data"), Self.read(output, "data_mask"))
                for number in 0..<8 {
                    let frame = number * 768..<(number + 1) * 768
                    #expect(unusable[frame].allSatisfy { $0 == (number == 3 ? 1 : 0) })
                    // Above the gap in the middle, and left of it.
                    guard number != 3 else { continue }
                    for pixel in 0..<768 where pixel / 32 < 11 && pixel % 32 < 15 {
                        #expect(voxels[number * 768 + pixel] == Float(Self.values(number + first)[pixel]))
                    }
                }
            }
            // Each file has its account.
            let config = directory.appending(path: "daemon.yaml").plainPath
            for (name, words) in [
                ("tiny_a_0002.edf", "is a part of"), ("overview.edf", "one image, which is no series of frames"),
            ] {
                let account = try await LacunaProcess.run(
                    "status", "--config", config, "--file", tree.appending(path: name).plainPath)
                #expect(account.output.contains(words), "\(account)")
            }
        }
    }

    @Test func aSeriesIsFilledByHandFromItsDirectory() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            let folder = directory.appending(path: "frames")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for number in 0..<6 { try Self.frame(number).write(to: folder.appending(path: "tiny_\(number).edf")) }
            let result = try await LacunaProcess.run(
                "inpaint", folder.plainPath, "--detector-directory", detectors, "--method", "linear", "--json")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.output == folder.appending(path: "tiny_inpainted.h5").plainPath)
            #expect(report.detector == "tiny" && report.shape == [6, 24, 32])
            // The same by one of the files, which finds the output there.
            let again = try await LacunaProcess.run(
                "inpaint", folder.appending(path: "tiny_3.edf").plainPath, "--detector-directory", detectors)
            #expect(again.status == 5 && again.errors.contains("--overwrite"))
        }
    }
}
