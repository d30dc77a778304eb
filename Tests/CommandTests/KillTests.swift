import Foundation
import TestSupport
import Testing

@testable import ScanFiles

/// The daemon is killed at moments that a seed chooses, and started again each time.
@Suite struct KillTests {
    private static let kills = 10
    /// Trees of one scan, of three in a file, and of a bare archive, with the number of their copies.
    private static let templates = ["single": 24, "triple": 6, "archive": 6]
    private static let scans = 24 + 3 * 6 + 6

    @Test(arguments: [UInt64(1)])
    func nothingIsLostAndNothingIsDoneTwice(seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            let outputs = directory.appending(path: "outputs")
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0.2, output: \(outputs.plainPath)")
            let references = try await makeScans(in: daemon.data, templates: directory.appending(path: "templates"))

            var generator = Seeded(state: seed)
            for _ in 0..<Self.kills {
                let lines = daemon.journal.count
                try daemon.start()
                // Each scan is worth two lines, so that there is always work left.
                let more = Int.random(in: 1...(Self.scans * 2 / (Self.kills + 2)), using: &generator)
                try await eventually("the daemon goes on") { daemon.journal.count >= lines + more }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...150, using: &generator)))
                try daemon.signal(SIGKILL)
                #expect(try await daemon.end() == 128 + SIGKILL)
            }
            try daemon.start()
            try await eventually("all scans are done", within: .seconds(1800)) {
                try daemon.ledger.counts() == ["done": Self.scans]
            }
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)

            #expect(try daemon.ledger.faults() == "ok")
            let timelines = try daemon.ledger.timelines()
            #expect(timelines.count == Self.scans)
            for (scan, states) in timelines {
                #expect(states.count { $0 == "done" } == 1 && states.last == "done", "\(scan): \(states)")
            }
            #expect(timelines.values.contains { $0.count { $0 == "processing" } > 1 }, "no kill hit a scan in work")
            try check(outputs, against: references)
        }
    }

    /// Fills the tree and returns what every output must hold, by its path below the templates.
    private func makeScans(in data: URL, templates: URL) async throws -> [String: Voxels] {
        var files = [try await Simulated.scan(in: templates.appending(path: "single"))]
        for seed in 2...4 {
            let file = try await Simulated.scan(
                in: templates.appending(path: "triple"), Simulated.small, "--seed", "\(seed)")
            if seed == 2 { files.append(file) }
        }
        files.append(
            try await Simulated.scan(in: templates.appending(path: "archive"), Simulated.small, "--layout", "npz"))
        for (name, copies) in Self.templates {
            for index in 0..<copies {
                let copy = data.appending(path: "\(name)\(index)")
                try FileManager.default.copyItem(at: templates.appending(path: name), to: copy)
            }
        }
        for file in files {
            let result = try await LacunaProcess.run("inpaint", file.plainPath)
            #expect(result.status == 0, "\(result.errors)")
        }
        let outputs = try Self.files(below: templates).filter { $0.hasSuffix("_inpainted.h5") }
        #expect(outputs.count == 5)
        return Dictionary(
            uniqueKeysWithValues: try outputs.map { ($0, try Voxels(of: templates.appending(path: $0))) })
    }

    /// Each output is whole and that of a run without kills, and nothing else is there but the pictures.
    private func check(_ outputs: URL, against references: [String: Voxels]) throws {
        var names = Set(try Self.files(below: outputs))
        for (name, reference) in references {
            let parts = name.split(separator: "/", maxSplits: 1)
            for index in 0..<(Self.templates["\(parts[0])"] ?? 0) {
                let output = "\(parts[0])\(index)/\(parts[1])"
                #expect(names.remove(output) != nil, "\(output) is missing")
                #expect(names.remove(output.dropLast(2) + "png") != nil, "the picture of \(output) is missing")
                #expect(try Voxels(of: outputs.appending(path: output)) == reference, "\(output) differs")
            }
        }
        #expect(names.isEmpty, "left over: \(names)")
    }

    private static func files(below directory: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory.plainPath).filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: directory.appending(path: path).plainPath, isDirectory: &isDirectory) && !isDirectory.boolValue
        }
    }
}

/// What an output says about its voxels, as it lies on the disk.
struct Voxels: Equatable {
    var data: [UInt32]
    var errors: [UInt32]
    var inpainted: [UInt8]
    var unusable: [UInt8]

    init(of file: URL) throws {
        let group = try HDF5File(readingFrom: file.plainPath).root
        func dataset(_ name: String) throws -> HDF5Dataset {
            try #require(try group.open("entry/data/\(name)").dataset)
        }
        data = try dataset("data").read(as: Float.self).map(\.bitPattern)
        errors = try dataset("data_errors").read(as: Float.self).map(\.bitPattern)
        inpainted = try dataset("inpainted").read()
        unusable = try dataset("data_mask").read()
    }
}
