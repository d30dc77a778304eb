import Foundation
import Testing

/// No file is replaced that the daemon did not write for the very scan.
@Suite struct OwnOutputTests {
    @Test func theDaemonReplacesOnlyItsOwnOutput() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0",
                rest: "processing: {method: linear, threads: 1, fine_tune: \"off\"}")
            try FileManager.default.createSymbolicLink(
                atPath: directory.plainPath + "/detectors.d", withDestinationPath: detectors)
            func path(_ name: String) -> String { daemon.data.appending(path: name).plainPath }
            for name in ["users", "byhand", "own"] { try SmallScan.nexus(path("\(name).h5")) }
            let users = Data("three days of work".utf8)
            try users.write(to: URL(filePath: path("users_inpainted.h5")))
            try users.write(to: URL(filePath: path("own_inpainted.png")))
            let byHand = try await LacunaProcess.run(
                "inpaint", path("byhand.h5"), "--detector-directory", detectors, "--method", "nearest")
            #expect(byHand.status == 0, "\(byHand.errors)")
            let handMade = FileManager.default.contents(atPath: path("byhand_inpainted.h5"))

            #expect(try await daemon.run("watch", "--once").status == 0)
            #expect(try daemon.ledger.counts() == ["done": 1, "quarantined": 2], "\(daemon.journal)")
            #expect(FileManager.default.contents(atPath: path("users_inpainted.h5")) == users)
            #expect(FileManager.default.contents(atPath: path("own_inpainted.png")) == users)
            #expect(FileManager.default.contents(atPath: path("byhand_inpainted.h5")) == handMade)
            let first = try #require(FileManager.default.contents(atPath: path("own_inpainted.h5")))

            // The raw data changes: what the daemon wrote of it before gives way.
            try SmallScan.nexus(path("own.h5"), shape: [9] + SmallScan.image)
            #expect(try await daemon.run("watch", "--once").status == 0)
            let second = try #require(FileManager.default.contents(atPath: path("own_inpainted.h5")))
            #expect(first != second)
            #expect(try daemon.ledger.counts() == ["done": 1, "quarantined": 2])
            let names = try FileManager.default.contentsOfDirectory(atPath: daemon.data.plainPath)
            #expect(!names.contains { $0.hasPrefix(".") }, "\(names)")
        }
    }

    @Test func byHandADefaultNameIsReplacedForTheSameScanOnly() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            let (scan, output) = ("\(directory.plainPath)/s.h5", "\(directory.plainPath)/s_inpainted.h5")
            try SmallScan.nexus(scan)
            func inpaint(_ arguments: String...) async throws -> LacunaProcess.Result {
                try await LacunaProcess.run(
                    LacunaProcess.executable,
                    ["inpaint", scan, "--detector-directory", detectors, "--method", "linear"] + arguments)
            }
            try Data("mine".utf8).write(to: URL(filePath: output))
            for arguments in [[], ["--overwrite"]] {
                let refused = try await LacunaProcess.run(
                    LacunaProcess.executable,
                    ["inpaint", scan, "--detector-directory", detectors, "--method", "linear"] + arguments)
                #expect(refused.status == 5 && refused.errors.contains("not written by Lacuna"), "\(refused.errors)")
            }
            #expect(FileManager.default.contents(atPath: output) == Data("mine".utf8))
            try FileManager.default.removeItem(atPath: output)
            #expect(try await inpaint().status == 0)
            #expect(try await inpaint().status == 5)
            #expect(try await inpaint("--overwrite").status == 0)
        }
    }
}
