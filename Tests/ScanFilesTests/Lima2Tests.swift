import Foundation
import Testing
import Volume

@testable import ScanFiles

/// BLISS 2.4 with Lima2: each receiver writes its own files, a master joins them, and the dataset file links to the master.
@Suite struct Lima2Tests {
    private static let image = [20, 24]
    private static let frames = 8

    /// Frames go to two receivers in turn, which put two into a file.
    private struct Scan2 {
        let directory: String
        var channels: Int?
        var dataset: String { "\(directory)/s_0001/s_0001.h5" }
        var scans: String { "\(directory)/s_0001/scan0001" }

        func counts(_ frame: Int, _ channel: Int) -> [UInt16] {
            (0..<480).map { UInt16((frame + 1) * 100 + channel * 37 + $0 % 91) }
        }

        func part(_ rank: Int, _ file: Int) -> String { "mpxgaas_0_\(rank)_0000\(file).h5" }

        func write(absent: Set<String> = [], creator: String? = "LIMA2") throws {
            try FileManager.default.createDirectory(atPath: scans, withIntermediateDirectories: true)
            let whole = [Lima2Tests.frames] + (channels.map { [$0] } ?? []) + Lima2Tests.image
            var sources: [HDF5VirtualSource] = []
            for rank in 0..<2 {
                for file in 0..<2 {
                    let mine = (0..<2).map { rank + 2 * (2 * file + $0) }
                    let shape = [2] + whole.dropFirst()
                    let values = mine.flatMap { frame in (0..<(channels ?? 1)).flatMap { counts(frame, $0) } }
                    if !absent.contains(part(rank, file)) {
                        let root = try HDF5File(creating: "\(scans)/\(part(rank, file))").root
                        if let creator { try root.setAttribute("creator", to: creator) }
                        try root.write(
                            "data", values, shape: shape, storage: HDF5Storage(chunk: [1] + shape.dropFirst()))
                    }
                    for (index, frame) in mine.enumerated() {
                        let zeros = [Int](repeating: 0, count: shape.count - 1)
                        sources.append(
                            HDF5VirtualSource(
                                file: part(rank, file), dataset: "data", start: [frame] + zeros,
                                extents: [1] + shape.dropFirst(), sourceStart: [index] + zeros,
                                sourceExtents: [1] + shape.dropFirst()))
                    }
                }
            }
            let master = try HDF5File(creating: "\(scans)/mpxgaas_0_master.h5").root
            if let creator { try master.setAttribute("creator", to: creator) }
            _ = try master.createVirtualDataset(
                "data", shape: whole, type: .uint16, sources: sources,
                sourceShapes: sources.map { _ in [2] + whole.dropFirst() })

            let root = try HDF5File(creating: dataset).root
            try root.setAttribute("publisher", to: "bliss")
            let entry = try root.createGroup("1.1", nexusClass: "NXentry")
            try entry.write("title", "ascan eta 18 19 7 1")
            let instrument = try entry.createGroup("instrument")
            try instrument.createGroup("mpxgaas", nexusClass: "NXdetector")
                .createExternalLink("data", toFile: "scan0001/mpxgaas_0_master.h5", path: "/data")
            try instrument.createGroup("positioners").write(
                "eta", (0..<8).map { 18 + Double($0) / 7 }, shape: [8])
            try entry.write("end_reason", "SUCCESS")
            try entry.write("end_time", "2026-11-20T21:01:00+01:00")
        }
    }

    @Test(arguments: [nil, 1, 2]) func interleavedReceiversAreJoined(channels: Int?) throws {
        try withTemporaryDirectory { directory in
            let written = Scan2(directory: directory, channels: channels)
            try written.write()
            let scan = try #require(ScanFile.open(written.dataset).scans.first)
            #expect(scan.problem == nil && scan.completeness.state == .complete, "\(String(describing: scan.problem))")
            #expect(scan.stack?.shape == VolumeShape(frames: 8, rows: 20, columns: 24))
            #expect(scan.stack?.sources.count == 4 && scan.scannedMotor?.name == "eta")
            let read = try FrameReader(scan).read(frames: 0..<8).bitPatterns()
            #expect(read == (0..<8).flatMap { written.counts($0, 0) }.map(UInt32.init))
            #expect(scan.remarks == (channels == 2 ? ["threshold 1 of 2 was taken"] : []))
        }
    }

    @Test func aReceiversFileThatIsMissingIsNoZeros() throws {
        try withTemporaryDirectory { directory in
            let written = Scan2(directory: directory, channels: 1)
            try written.write(absent: [written.part(1, 0)])
            let problem = try #require(ScanFile.open(written.dataset).scans.first?.problem)
            #expect(problem.path.hasSuffix(written.part(1, 0)), "\(problem)")
        }
    }

    /// Whatever they say of themselves, the files of a scan of BLISS are no scans of their own.
    @Test(arguments: ["LIMA2", nil]) func receiversFilesAreNoScans(creator: String?) throws {
        try withTemporaryDirectory { directory in
            let written = Scan2(directory: directory, channels: 1)
            try written.write(creator: creator)
            for file in [written.part(0, 1), "mpxgaas_0_master.h5"] {
                #expect(try ScanFile.open("\(written.scans)/\(file)").notAScan?.hasSuffix(written.dataset) == true)
            }
        }
    }
}
