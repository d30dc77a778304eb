import Conventions
import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// Files in the tree that are no scans are nobody's errors.
@Suite struct OtherFilesTests {
    @Test func aFileThatHoldsNoScanIsSkippedWithItsReasonAndNeverTriedAgain() async throws {
        let bench = try Bench { $0.settleSeconds = 5 }
        let file = try await bench.land("mask.npy")
        var scan = InspectedScan(scan: nil, entry: "/")
        scan.completeness = .init(state: .unmarked, framesWritten: 0, framesExpected: nil, evidence: [])
        scan.fingerprint = "1"
        scan.problem = .init(cause: .input, message: "\(file): expected 3 axes, found 2", isNoScan: true)
        bench.worker.find(.init(input: file, layout: "npy", scans: [scan]))
        await bench.pass(2)
        #expect(try await bench.state(file, "/") == .waiting, "it may still be written")
        await bench.pass(300)
        let record = try await bench.record(file, "/")
        #expect(record.state == .skipped && record.attempts == 0)
        #expect(record.reason == "no scan: expected 3 axes, found 2")
        #expect(bench.sink.count(.scanSkipped) == 1 && bench.sink.count(.scanFailed) == 0)
        #expect(bench.worker.inspected.count < 6)
        #expect(try await bench.examiner.retry(.failed).isEmpty)
    }

    @Test func aFileWithoutAStackIsSkippedAndTakenUpWhenItGetsOne() async throws {
        let bench = try Bench { $0.settleSeconds = 1 }
        let file = try await bench.land("fluorescence.h5")
        bench.worker.find(.init(input: file, layout: "nexus", scans: [], notAScan: "holds no stack of images"))
        await bench.pass(4)
        #expect(try await bench.record(file, "").state == .skipped)
        #expect(try await bench.record(file, "").reason == "no scan: holds no stack of images")
        bench.worker.find(.init(input: file, layout: "nexus", scans: [.complete(file, fingerprint: "2")]))
        try await bench.land("fluorescence.h5", "and a scan")
        await bench.pass(4)
        #expect(try await bench.state(file) == .ready)
        #expect(try await bench.ledger.scans(in: file)[""] == nil)
    }

    @Test func includeAndExcludeDecideWhatIsLookedAt() async throws {
        let bench = try Bench { root in
            root.settleSeconds = 0
            root.paths = PathRules(included: ["*.npz", "raw/**/*.h5"], excluded: ["analysis", "raw/old/**"])
        }
        var looked: [String] = []
        for (name, isTaken) in [
            ("a.npz", true), ("a.h5", false), ("raw/a.h5", true), ("raw/x/y/a.h5", true), ("analysis/a.npz", false),
            ("raw/analysis/a.h5", false), ("raw/old/a.h5", false), ("raw/old/x/a.h5", false),
        ] {
            let path = try await bench.land(name)
            if isTaken { looked.append(path) }
        }
        await bench.pass(2)
        #expect(Set(bench.worker.inspected) == Set(looked))
    }

    @Test(arguments: [
        ("*mask*", "x/my_mask_1.npy", true), ("*mask*", "masks/a.npy", true), ("x/*.npy", "x/a.npy", true),
        ("x/*.npy", "x/y/a.npy", false), ("x/**/*.npy", "x/y/z/a.npy", true), ("x/**/*.npy", "x/a.npy", true),
        ("**/y/**", "x/y/z/a.npy", true), ("**/y/**", "x/a.npy", false), ("x/y", "x/y/a.npy", true),
    ])
    func patterns(pattern: String, path: String, isMatch: Bool) {
        #expect(PathRules(included: [pattern]).takes(path) == isMatch)
        #expect(PathRules(excluded: [pattern]).takes(path) == !isMatch)
    }
}

/// One line of the configuration may stand for many trees.
@Suite struct TreePatternTests {
    private func configuration(_ watch: String) throws -> Configuration {
        try Configuration(yaml: "version: 1\nwatch: [{\(watch)}]", file: "f")
    }

    @Test func aTemplateStandsForTheTreesThatAreThere() throws {
        let directory = try TemporaryDirectory()
        for made in ["hc1/id01/s1/RAW_DATA/x", "hc1/id01/s2/RAW_DATA", "hc2/id01/s1", "hc2/id02/s1/RAW_DATA"] {
            _ = try directory.makeDirectory("visitor/\(made)")
        }
        let visitor = "\(directory.path)/visitor"
        let written = try configuration(
            "path: \"\(visitor)/{proposal}/id01/{session}/RAW_DATA/**\", "
                + "output: \"\(visitor)/{proposal}/id01/{session}/PROCESSED_DATA\"")
        #expect(written.withTrees().roots.map(\.path) == ["s1", "s2"].map { "\(visitor)/hc1/id01/\($0)/RAW_DATA" })
        #expect(written.withTrees().roots.first?.outputDirectory == "\(visitor)/hc1/id01/s1/PROCESSED_DATA")
        _ = try directory.makeDirectory("visitor/hc2/id01/s1/RAW_DATA")
        #expect(written.withTrees().roots.count == 3)
        let output = OutputName.path(
            input: "\(visitor)/hc2/id01/s1/RAW_DATA/a/b.h5", label: "", root: written.withTrees().roots[2])
        #expect(output == "\(visitor)/hc2/id01/s1/PROCESSED_DATA/a/b_inpainted.h5")
    }

    @Test func esrfOutputsGoToTheProcessedData() throws {
        let root = try configuration("path: /data/visitor, output: esrf").roots[0]
        func output(_ input: String) -> String { OutputName.path(input: input, label: "", root: root) }
        #expect(
            output("/data/visitor/hc1/id01/s1/RAW_DATA/a/b.h5")
                == "/data/visitor/hc1/id01/s1/PROCESSED_DATA/a/b_inpainted.h5")
        #expect(output("/data/visitor/b.h5") == "/data/visitor/b_inpainted.h5")
    }

    @Test(arguments: [
        ("path: \"/d/{a}/x\", output: /p", "same names"), ("path: \"/d/*/x\", output: /p", "same names"),
        ("path: /d, output: \"/p/{a}\"", "{a} is no name"), ("path: \"/d/**/x\"", "at the end"),
    ])
    func whatCannotWorkIsRefused(watch: String, fragment: String) throws {
        let error = #expect(throws: (any Error).self) { try configuration(watch) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(fragment))
    }

    @Test func aDaemonWhoseTreesAreYetToComeIsReady() async throws {
        let daemon = try DaemonUnderTest(path: "data/{run}")
        try await daemon.whileRunning { running in
            try await eventually("it is ready") { daemon.manager.states.contains { $0.contains("READY=1") } }
            let file = try daemon.directory.write("data/run1/a.npz", "x")
            try await running.use(daemon.configuration)
            try await eventually("it is found") { daemon.worker.inspected == [file] }
        }
    }
}
