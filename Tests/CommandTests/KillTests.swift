import Foundation
import Testing

@testable import ScanFiles

/// The daemon is killed at moments that a seed chooses, and started again each time.
@Suite struct KillTests {
    private static let kills = 10
    /// Copies of a tree with one scan, one with three in a file, and a bare archive.
    private static let copies = (single: 24, triple: 6, archives: 6)
    private static let scans = copies.single + 3 * copies.triple + copies.archives

    @Test(arguments: [UInt64(1)])
    func nothingIsLostAndNothingIsDoneTwice(seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            let outputs = directory.appending(path: "outputs")
            let daemon = try Daemon(in: directory, watch: "settle_seconds: 0.2, output: \(outputs.plainPath)")
            let references = try makeScans(in: daemon.data, templates: directory.appending(path: "templates"))

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
            try await eventually("all scans are done") { try daemon.ledger.counts() == ["done": Self.scans] }
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

    /// Fills the tree and returns what every output must hold, by the end of its path.
    private func makeScans(in data: URL, templates: URL) throws -> [String: Voxels] {
        let single = templates.appending(path: "single")
        let triple = templates.appending(path: "triple")
        let archive = templates.appending(path: "archive")
        try Simulated.scan(in: single, Simulated.small, "--seed", "1")
        for seed in 2...4 { try Simulated.scan(in: triple, Simulated.small, "--seed", "\(seed)") }
        let file = try Simulated.scan(in: archive, Simulated.small, "--layout", "npz")
        for (template, count) in [(single, Self.copies.single), (triple, Self.copies.triple), (archive, Self.copies.archives)] {
            for index in 0..<count {
                let copy = data.appending(path: "\(template.lastPathComponent)\(index)")
                try FileManager.default.copyItem(at: template, to: copy)
            }
        }
        var references: [String: Voxels] = [:]
        for template in [single, triple] {
            let scan = template.appending(path: "crystal/crystal_0001/crystal_0001.h5")
            let result = try LacunaProcess.run("inpaint", scan.plainPath)
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(try LacunaProcess.run("inpaint", file.plainPath).status == 0)
        for output in try Self.files(below: templates) where output.hasSuffix("_inpainted.h5") {
            references[output] = try Voxels(of: templates.appending(path: output))
        }
        return references
    }

    /// Each output is whole and that of a run without kills, and nothing else is there but the pictures.
    private func check(_ outputs: URL, against references: [String: Voxels]) throws {
        var names = Set(try Self.files(below: outputs))
        for (name, reference) in references {
            let parts = name.split(separator: "/", maxSplits: 1)
            let count =
                switch parts[0] {
                case "single": Self.copies.single
                case "triple": Self.copies.triple
                default: Self.copies.archives
                }
            for index in 0..<count {
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
private struct Voxels: Equatable {
    var data: [UInt32]
    var errors: [UInt32]
    var inpainted: [UInt8]
    var unusable: [UInt8]

    init(of file: URL) throws {
        let group = try HDF5File(readingFrom: file.plainPath).root
        func dataset(_ name: String) throws -> HDF5Dataset { try #require(try group.open("entry/data/\(name)").dataset) }
        data = try dataset("data").read(as: Float.self).map(\.bitPattern)
        errors = try dataset("data_errors").read(as: Float.self).map(\.bitPattern)
        inpainted = try dataset("inpainted").read()
        unusable = try dataset("data_mask").read()
    }
}
