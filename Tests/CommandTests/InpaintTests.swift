import Foundation
import Testing

@Suite struct InpaintTests {
    /// What `lacuna inpaint --json` prints, as far as it is tested.
    private struct Report: Decodable {
        var output: String
        var detector: String?
        var masked_voxels: Int
        var filled_voxels: Int
        var method: String
        var quality: Quality
        var remarks: [String]

        struct Quality: Decodable {
            var samples: Int
        }
    }

    @Test func aSimulatedScanIsInpaintedFromFileToFile() async throws {
        try await withTemporaryDirectory { directory in
            let simulated = try await LacunaProcess.run(
                "simulate", "--output", directory.path(percentEncoded: false), "--frames", "8", "--seed", "1")
            #expect(simulated.status == 0, "\(simulated.errors)")
            let scan = directory.appending(path: "crystal/crystal_0001/crystal_0001.h5").path(percentEncoded: false)
            let result = try await LacunaProcess.run("inpaint", scan, "--method", "linear", "--json", "--preview")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.detector == "maxipix-2x2")
            #expect(report.masked_voxels == 8 * (2 * 6 * 516 - 36))
            #expect(report.filled_voxels == report.masked_voxels)
            #expect(report.method == "linear" && report.remarks.isEmpty)
            #expect(report.quality.samples > 0)
            #expect(report.output.hasSuffix("crystal_0001_scan0001_inpainted.h5"))
            #expect(FileManager.default.fileExists(atPath: report.output.dropLast(2) + "png"))
            try await runPython("check_output.py", report.output)

            let again = try await LacunaProcess.run("inpaint", scan)
            #expect(again.status == 5)
            #expect(again.errors.contains("--overwrite"))
        }
    }

    @Test func phaseRetrievalCanTellEstimatesFromMeasurements() async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(in: directory).path(percentEncoded: false)
            let result = try await LacunaProcess.run(
                "inpaint", scan, "--method", "kriging", "--format", "pynx", "--json")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            let archive = report.output.dropLast(2) + "npz"
            #expect(FileManager.default.fileExists(atPath: String(archive)))
            let names = try FileManager.default.contentsOfDirectory(
                atPath: URL(filePath: report.output).deletingLastPathComponent().path)
            #expect(!names.contains { $0.hasPrefix(".") })
            try await runPython("check_pynx.py", report.output, String(archive))
        }
    }

    @Test(.enabled("the Python of LACUNA_PYTHON has no NumPy") { try await pythonHas("numpy") })
    func theRecipeForPyNXCutsShortScansToo() async throws { try await runPython("check_window.py") }

    @Test(.enabled("the Python of LACUNA_PYTHON has no cohere_core") { try await pythonHas("cohere_core") })
    func cohereReadsAndPhasesAFilledScan() async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(
                in: directory, ["--frames", "40", "--roi", "40", "40", "--no-truth"], "--oversampling", "3",
                "--counts", "1e6")
            let output = directory.appending(path: "scan_inpainted.h5").plainPath
            let result = try await LacunaProcess.run(
                "inpaint", scan.plainPath, "--method", "kriging", "--format", "pynx", "--output", output)
            try #require(result.status == 0, "\(result.errors)")
            try await runPython("check_cohere.py", output.dropLast(2) + "npz")
        }
    }

    @Test func theDefaultIsTheBestThatShips() async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(in: directory).path(percentEncoded: false)
            let result = try await LacunaProcess.run("inpaint", scan, "--json")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.method == "network")
            #expect(!report.remarks.contains { $0.contains("kriging instead") })
        }
    }

    /// The quickest way is kriging; the best one is not the usual one, and a scan too small to learn from says so.
    @Test func theQualityOfTheNetworkIsAsAskedFor() async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(
                in: directory, ["--frames", "8", "--roi", "72", "80", "--no-truth", "--counts", "1e5"]
            ).plainPath
            func inpaint(_ name: String, _ arguments: String...) async throws -> (report: Report, voxels: Voxels) {
                let output = directory.appending(path: "\(name).h5")
                let result = try await LacunaProcess.run(
                    LacunaProcess.executable,
                    ["inpaint", scan, "--json", "--output", output.plainPath, "--fine-tune", "off"] + arguments)
                try #require(result.status == 0, "\(result.errors)")
                let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
                return (report, try Voxels(of: output))
            }
            let kriging = try await inpaint("kriging", "--method", "kriging")
            let fast = try await inpaint("fast", "--quality", "fast")
            let standard = try await inpaint("standard")
            let best = try await inpaint("best", "--quality", "best", "--fine-tune", "always")
            #expect(fast.report.method == "kriging" && fast.voxels.data == kriging.voxels.data)
            #expect(standard.report.method == "network" && standard.voxels.data != kriging.voxels.data)
            #expect(best.report.method == "network" && best.voxels.data != standard.voxels.data)
            #expect(best.report.remarks.contains { $0.hasPrefix("not fine-tuned: ") }, "\(best.report.remarks)")
        }
    }

    @Test func aModelThatCannotBeReadIsAFaultOfTheCommandLine() async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(in: directory).path(percentEncoded: false)
            let result = try await LacunaProcess.run("inpaint", scan, "--model", "/no/such.safetensors")
            #expect(result.status == 2)
            #expect(result.errors.contains("the network cannot be used: /no/such.safetensors"))
            // Nothing else needs it.
            let linear = try await LacunaProcess.run(
                "inpaint", scan, "--method", "linear", "--model", "/no/such.safetensors", "--quality", "fast")
            #expect(linear.status == 0, "\(linear.errors)")
        }
    }
}
