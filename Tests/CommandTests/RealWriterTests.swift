import Foundation
import TestSupport
import Testing

/// Scans written live by the writers that facilities use, while the daemon watches.
///
/// The packages are those of Tests/PythonChecks/writers/requirements.txt; `Scripts/test --writers` brings them.
@Suite struct RealWriterTests {
    @Test(.enabled("the Python of LACUNA_PYTHON has no blisswriter") { try await pythonHas("blisswriter") })
    func scansOfBlissAreTakenAsTheyEnd() async throws {
        let states = ["done": 4, "quarantined": 1, "stale": 1]
        try await watch("with_bliss.py", until: states) { daemon, truth in
            let folder = daemon.data.appending(path: "RAW_DATA/sample/sample_0001")
            for scan in [1, 2, 3, 6] {
                let output = folder.appending(path: "sample_0001_scan000\(scan)_inpainted.h5")
                try await runPython(
                    "writers/check_recorded.py", output.plainPath, truth.appending(path: "\(scan).npy").plainPath)
            }
            #expect(daemon.count(of: "#2 done: maxipix-2x2") == 1)
            #expect(daemon.count(of: "(aborted after 5 of 8 frames") == 1)
            #expect(daemon.count(of: "(aborted after 4 of 8 frames") == 1)
            // The server of the detector died: a file lacks that was told of.
            #expect(daemon.count(of: "#4 quarantined") == 1 && daemon.count(of: "mpx1x4_0002.h5: no such file") > 0)
            #expect(daemon.count(of: "#5 given up: no end after") == 1)
        }
    }

    @Test(.enabled("the Python of LACUNA_PYTHON has no nexgen") { try await pythonHas("nexgen") })
    func scansOfDiamondAreTakenAsTheyEnd() async throws {
        try await watch("with_nexgen.py", until: ["done": 2, "skipped": 2]) { daemon, truth in
            for name in ["whole", "stopped"] {
                let output = daemon.data.appending(path: "\(name)_inpainted.h5")
                try await runPython(
                    "writers/check_recorded.py", output.plainPath, truth.appending(path: "\(name).npy").plainPath)
            }
            #expect(daemon.count(of: "whole.nxs done: eiger2-cdte-500k") == 1)
            #expect(daemon.count(of: "(aborted after 5 of 8 frames") == 1)
            #expect(daemon.count(of: "failed") == 0 && daemon.count(of: "_meta.h5 skipped: no scan") == 2)
        }
    }

    @Test(.enabled("the Python of LACUNA_PYTHON has no ophyd-async") { try await pythonHas("ophyd_async") })
    func scansOfBlueskyAreTakenAsTheyEnd() async throws {
        try await watch("with_ophyd.py", detectors: "blob", until: ["done": 2, "stale": 1]) { daemon, truth in
            for name in ["whole", "stopped"] {
                let output = daemon.data.appending(path: "\(name)_inpainted.h5")
                try await runPython(
                    "writers/check_recorded.py", output.plainPath, truth.appending(path: "\(name).npy").plainPath)
            }
            #expect(daemon.count(of: "killed.h5 given up: no end after") == 1 && daemon.count(of: "failed") == 0)
        }
    }

    /// The same layouts as those of Documentation/layouts.md, by scripts that write as the facilities' programs do.
    @Test(.enabled("the Python of LACUNA_PYTHON has no tifffile") { try await pythonHas("tifffile") })
    func scansOfTwelveLayoutsAreTakenAsTheyEnd() async throws {
        // The detector's file of NanoMAX names its detector and is a scan by itself; those of LAMBDA and I16 are none.
        let states = ["done": 13, "skipped": 2]
        try await watch("layouts.py", until: states) { daemon, truth in
            let outputs = try String(contentsOf: truth.appending(path: "outputs"), encoding: .utf8)
                .split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(outputs.count == 12)
            for line in outputs {
                try await runPython(
                    "writers/check_recorded.py", daemon.data.appending(path: line[1]).plainPath,
                    truth.appending(path: "\(line[0]).npy").plainPath, "0.8")
            }
        }
    }

    /// Runs a writer under the eyes of a daemon, until its scans are in these states.
    private func watch(
        _ writer: String, detectors: String? = nil, until states: [String: Int],
        _ check: (_ daemon: RestartableDaemon, _ truth: URL) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let described = directory.appending(path: "detectors.d")
            let truth = directory.appending(path: "truth")
            for folder in [described, truth] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            try """
            {name: blob, description: simulated, shape: [240, 320], pixel_size_um: 55, names: [blob],
             bare: {rows: ["119:121"], columns: ["159:161"]}}
            """.write(to: described.appending(path: "blob.yaml"), atomically: true, encoding: .utf8)
            try """
            {name: tiny, description: Tiny detector, names: [tiny], shape: [48, 60], pixel_size_um: 55,
             modules: {size: [22, 28], gap: [4, 4]}}
            """.write(to: described.appending(path: "tiny.yaml"), atomically: true, encoding: .utf8)
            let own = detectors.map { ", detectors: [\($0)]" } ?? ""
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0.5, stale_after_minutes: 0.05\(own)",
                rest: "processing: {method: linear, preview: false}\nretries: {attempts: 3, backoff_seconds: 1}")
            try await daemon.startAndWait()
            try await runPython("writers/\(writer)", daemon.data.plainPath, truth.plainPath)
            try await eventually("all have ended as expected: \(daemon.journal)", within: .seconds(600)) {
                // The journal comes after the ledger.
                let told = [
                    "done": " done: ", "stale": " given up: ", "quarantined": " quarantined ", "skipped": " skipped: ",
                ]
                return try daemon.ledger.counts() == states
                    && states.allSatisfy { daemon.count(of: told[$0.key] ?? "") >= $0.value }
            }
            try await check(daemon, truth)
        }
    }
}
