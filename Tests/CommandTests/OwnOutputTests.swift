import Foundation
import TestSupport
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

            let run = try await daemon.run("watch", "--once")
            #expect(run.status == 3, "scans failed")
            #expect(run.output.contains("\(path("users.h5")): "), "\(run.output)")
            #expect(try daemon.ledger.counts() == ["done": 1, "quarantined": 2], "\(run.errors)")
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

            // A person may say that what was written by hand gives way; what is not Lacuna's never does.
            let said = "\(path("byhand_inpainted.h5")): is there already and was written by hand; it was left untouched"
            #expect(run.errors.contains(said) && run.errors.contains("retry --replace"), "\(run.errors)")
            let account = try await daemon.run("status", "--file", path("byhand.h5"))
            #expect(account.output.contains("left untouched") && !account.output.contains("→"), "\(account.output)")
            #expect(try await daemon.run("retry", "--failed", "--replace").status == 0)
            #expect(try await daemon.run("watch", "--once").status == 3, "the user's file stands in the way still")
            #expect(try daemon.ledger.counts() == ["done": 2, "quarantined": 1])
            #expect(FileManager.default.contents(atPath: path("byhand_inpainted.h5")) != handMade)
            #expect(FileManager.default.contents(atPath: path("users_inpainted.h5")) == users)
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

/// What other programs wrote, or Lacuna reads, is never replaced, whatever options say.
@Suite struct ForeignFileTests {
    private func lacuna(_ arguments: String...) async throws -> LacunaProcess.Result {
        try await LacunaProcess.run(LacunaProcess.executable, arguments)
    }

    @Test func nothingButAnOutputIsReplaced() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            func path(_ name: String) -> String { directory.appending(path: name).plainPath }
            try SmallScan.nexus(path("scan.h5"))
            try SmallScan.nexus(path("other.h5"))
            try SmallScan.npy().write(to: URL(filePath: path("stack.npy")))
            let raw = SmallScan.npy(SmallScan.counts([24, 32]) as [UInt16], [24, 32], type: "<u2")
            for name in ["image.npy", "scan_inpainted.npz", "empty.h5"] {
                try (name == "empty.h5" ? Data() : raw).write(to: URL(filePath: path(name)))
            }
            let before = try ["scan.h5", "other.h5", "stack.npy", "image.npy", "scan_inpainted.npz"].map {
                try Data(contentsOf: URL(filePath: path($0)))
            }
            func inpaint(_ arguments: String...) async throws -> LacunaProcess.Result {
                try await LacunaProcess.run(
                    LacunaProcess.executable,
                    ["inpaint", path("scan.h5"), "--detector-directory", detectors, "--method", "linear"] + arguments)
            }
            for output in ["scan.h5", "other.h5", "stack.npy", "image.npy"] {
                #expect(try await inpaint("--output", path(output), "--overwrite").status == 5, "\(output)")
            }
            let archive = try await inpaint("--format", "pynx", "--overwrite")
            #expect(archive.status == 5 && archive.errors.contains("scan_inpainted.npz: is there already"))
            #expect(!FileManager.default.fileExists(atPath: path("scan_inpainted.h5")))
            for output in ["scan.h5", "stack.npy", "image.npy"] {
                let mask = try await lacuna(
                    "mask", "tiny", "--detector-directory", detectors, "--output", path(output))
                #expect(mask.status == 5 && mask.errors.contains("is no mask"), "\(mask.errors)")
            }
            let after = try ["scan.h5", "other.h5", "stack.npy", "image.npy", "scan_inpainted.npz"].map {
                try Data(contentsOf: URL(filePath: path($0)))
            }
            #expect(before == after)

            // An empty file holds nothing, an output of its own may be replaced, and so may an archive and a mask.
            #expect(try await inpaint("--output", path("empty.h5"), "--overwrite").status == 0)
            #expect(try await inpaint("--output", path("empty.h5"), "--overwrite", "--format", "pynx").status == 0)
            #expect(try await inpaint("--output", path("empty.h5"), "--overwrite", "--format", "pynx").status == 0)
            // Pictures of other kinds are no masks.
            let picture = ImageFiles.tiff([SmallScan.counts([24, 32]) as [UInt8]], rows: 24, columns: 32)
            try picture.write(to: URL(filePath: path("picture.tif")))
            let kept = try await lacuna(
                "mask", "tiny", "--detector-directory", detectors, "--output", path("picture.tif"))
            #expect(kept.status == 5 && kept.errors.contains("is no mask"), "\(kept.errors)")
            #expect(try Data(contentsOf: URL(filePath: path("picture.tif"))) == picture)
            for name in ["mask.npy", "mask.h5", "mask.png", "mask.tif"] {
                for _ in 0..<2 {
                    #expect(
                        try await lacuna("mask", "tiny", "--detector-directory", detectors, "--output", path(name))
                            .status == 0)
                }
            }
        }
    }

    /// Other programs, and people, believe the ending of a name.
    @Test func anOutputHasAnEndingOfItsFormat() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            func path(_ name: String) -> String { directory.appending(path: name).plainPath }
            func inpaint(_ output: String, _ arguments: String...) async throws -> LacunaProcess.Result {
                try await LacunaProcess.run(
                    LacunaProcess.executable,
                    ["inpaint", path("scan.nxs"), "--detector-directory", detectors, "--method", "linear", "--output"]
                        + [path(output)] + arguments)
            }
            try SmallScan.nexus(path("scan.nxs"))
            for name in ["out.tif", "out.npy", "out.png", "out.npz", "out.txt"] {
                let refused = try await inpaint(name)
                #expect(refused.status == 2 && refused.errors.contains(".h5, .hdf5"), "\(refused.errors)")
                #expect(refused.errors.contains("found \(path(name))"), "\(refused.errors)")
            }
            #expect(try await inpaint("out.tif", "--format", "pynx").errors.contains("or .npz"))
            #expect(
                Set(try FileManager.default.contentsOfDirectory(atPath: directory.plainPath)) == [
                    "scan.nxs", "detectors",
                ])
            for name in ["a.h5", "b.hdf5", "c.NXS", "d.cxi", "e"] { #expect(try await inpaint(name).status == 0) }
            #expect(try await inpaint("f.npz", "--format", "pynx").status == 0)
            for name in ["f.npz", "f.h5"] { #expect(FileManager.default.fileExists(atPath: path(name))) }
        }
    }

    @Test func theLinesByHandNamePictureAndFigures() async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(in: directory).plainPath
            let run = try await LacunaProcess.run("inpaint", scan, "--method", "kriging", "--preview")
            let lines = run.output.split(separator: "\n").map(String.init)
            #expect(run.status == 0 && lines.first?.contains(" over all gaps") == true, "\(run.output)")
            #expect(lines.dropFirst().first == "  each gap by itself:", "\(run.output)")
            let picture = try #require(lines.last { $0.hasPrefix("  picture: ") }).dropFirst("  picture: ".count)
            #expect(FileManager.default.fileExists(atPath: String(picture)))
        }
    }

    /// A mask for each frame that is the same in all tells as much as one image, and a detector that it leaves out is named.
    @Test func aMaskThatRepeatsIsOneMask() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            func path(_ name: String) -> String { directory.appending(path: name).plainPath }
            try SmallScan.nexus(path("scan.h5"))
            let image = (0..<24 * 32).map { pixel in
                (11..<13).contains(pixel / 32) || (15..<17).contains(pixel % 32) ? 1 : 0 as UInt8
            }
            let frames = SmallScan.shape[0]
            let volume = (0..<frames).flatMap { _ in image }
            try SmallScan.npy(image, [24, 32], type: "|u1").write(to: URL(filePath: path("image.npy")))
            try SmallScan.npy(volume, [frames, 24, 32], type: "|u1").write(to: URL(filePath: path("volume.npy")))
            try SmallScan.npy(image.map { _ in 0 as UInt8 }, [24, 32], type: "|u1")
                .write(to: URL(filePath: path("none.npy")))
            func gaps(_ mask: String) async throws -> [String: Any] {
                let run = try await lacuna(
                    "inpaint", path("scan.h5"), "--detector-directory", detectors, "--method", "linear", "--mask",
                    path(mask), "--output", path("\(mask).h5"), "--json")
                return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            }
            func names(_ report: [String: Any]) -> [String?] {
                (report["gaps"] as? [[String: Any]] ?? []).map { $0["name"] as? String }
            }
            let (one, all, none) = (
                try await gaps("image.npy"), try await gaps("volume.npy"), try await gaps("none.npy")
            )
            #expect(names(one) == names(all) && !names(one).isEmpty)
            let remarks = none["remarks"] as? [String] ?? []
            #expect(remarks.contains { $0.contains("takes the place of that of tiny: 108 pixels") }, "\(remarks)")
        }
    }
}

/// Every scan has an output of its own.
@Suite struct OutputNamesTests {
    private func inpaint(_ file: URL, _ arguments: String...) async throws -> LacunaProcess.Result {
        try await LacunaProcess.run(
            LacunaProcess.executable, ["inpaint", file.plainPath, "--method", "nearest"] + arguments)
    }

    @Test func filesOfOneStemBothEndUnderNamesOfTheirOwn() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "processing: {method: nearest, preview: false}")
            try FileManager.default.createSymbolicLink(
                atPath: directory.plainPath + "/detectors.d", withDestinationPath: detectors)
            func path(_ name: String) -> String { daemon.data.appending(path: name).plainPath }
            // The first comes alone, and keeps its name when another one joins it that would have the right to it.
            try SmallScan.nexus(path("a.nxs"))
            #expect(try await daemon.run("watch", "--once").status == 0)
            for name in ["a.h5", "b.h5", "b.nxs"] { try SmallScan.nexus(path(name)) }
            try SmallScan.nexus(path("a.nxs"), shape: [9] + SmallScan.image)
            #expect(try await daemon.run("watch", "--once").status == 0)
            #expect(try daemon.ledger.counts() == ["done": 4], "\(daemon.journal)")
            let outputs = try FileManager.default.contentsOfDirectory(atPath: daemon.data.plainPath)
                .filter { $0.contains("inpainted") }.sorted()
            #expect(
                outputs == [
                    "a.h5_inpainted.h5", "a_inpainted.h5", "b.nxs_inpainted.h5", "b_inpainted.h5",
                ])
            let again = try await LacunaProcess.run("inpaint", path("b.nxs"), "--detector-directory", detectors)
            #expect(again.status == 5 && again.errors.contains("b.nxs_inpainted.h5"), "\(again.errors)")
        }
    }

    @Test func severalDetectorsTimeBasesAndDatasetsHaveOutputsOfTheirOwn() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "processing: {method: nearest, preview: false}")
            try FileManager.default.createSymbolicLink(
                atPath: directory.plainPath + "/detectors.d", withDestinationPath: detectors)
            let file = daemon.data.appending(path: "s.h5")
            try SmallBlissFile.write(
                file.plainPath,
                [
                    "1.1": ["tiny": SmallScan.shape], "1.2": ["mini": SmallScan.shape],
                    "2.1": ["tiny": SmallScan.shape, "mini": SmallScan.shape, "camera": [6, 40, 50]],
                    "3.1": ["tiny": SmallScan.shape, "camera": [6, 40, 50]], "4.1": ["camera": [6, 40, 50]],
                    "5.1": ["camera": [6, 40, 50], "other": [6, 50, 50]],
                ], missing: ["3.1": "mini"])
            let expected = [
                "s_scan0001.2_inpainted.h5", "s_scan0001_inpainted.h5", "s_scan0002_mini_inpainted.h5",
                "s_scan0002_tiny_inpainted.h5", "s_scan0003_inpainted.h5",
            ]
            func outputs() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: daemon.data.plainPath)
                    .filter { $0.contains("inpainted") }.sorted()
            }
            let all = try await inpaint(file, "--detector-directory", detectors, "--scan", "2")
            #expect(all.status == 0, "\(all.errors)")
            #expect(all.output.contains("not taken: camera (6x40x50): no known detector"), "\(all.output)")
            #expect(try outputs() == Array(expected[2...3]))
            for name in try outputs() { try FileManager.default.removeItem(at: daemon.data.appending(path: name)) }

            let run = try await daemon.run("watch", "--once")
            #expect(run.status == 3, "one holds no known detector")
            #expect(try daemon.ledger.counts()["done"] == 5, "\(run.errors)")
            #expect(try outputs() == expected)
            let journal = run.errors.split(separator: "\n")
            let line = journal.first { $0.contains("#3 done") } ?? ""
            #expect(line.contains("mini (6x24x32): nothing was saved") && line.contains("camera"), "\(line)")
            #expect(journal.contains { $0.contains("#1.2 done") })
            #expect(journal.contains { $0.contains("#2.1/instrument/mini done") })
            #expect(journal.contains { $0.contains("#5 ") && $0.contains("none of a known detector") })

            let master = directory.appending(path: "p.h5")
            try SmallBlissFile.link(master.plainPath, ["s_1.1": ("data/s.h5", "/1.1"), "t_1.1": ("data/s.h5", "/3.1")])
            let linked = try await inpaint(master, "--detector-directory", detectors)
            #expect(linked.status == 0, "\(linked.errors)")
            for name in ["p_s_scan0001_inpainted.h5", "p_t_scan0001_inpainted.h5"] {
                #expect(FileManager.default.fileExists(atPath: directory.appending(path: name).plainPath))
            }
        }
    }

    @Test func ofSeveralDetectorsThoseThatATreeTakesAreFilled() async throws {
        try await withTemporaryDirectory { directory in
            let detectors = try SmallScan.describeDetectors(in: directory)
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0, detectors: [tiny]",
                rest: "processing: {method: nearest, preview: false}")
            try FileManager.default.createSymbolicLink(
                atPath: directory.plainPath + "/detectors.d", withDestinationPath: detectors)
            let file = daemon.data.appending(path: "s.h5")
            try SmallBlissFile.write(file.plainPath, ["1.1": ["tiny": SmallScan.shape, "mini": SmallScan.shape]])
            let run = try await daemon.run("watch", "--once")
            #expect(run.status == 0, "\(run.errors)")
            #expect(try daemon.ledger.counts() == ["done": 1], "\(run.errors)")
            let outputs = try FileManager.default.contentsOfDirectory(atPath: daemon.data.plainPath)
            #expect(outputs.contains("s_scan0001_inpainted.h5"), "\(outputs)")
        }
    }
}
