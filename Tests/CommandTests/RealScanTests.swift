import Foundation
import Testing

@Suite(.enabled(if: ProcessInfo.processInfo.environment["LACUNA_DATA"] != nil)) struct RealScanTests {
    private var data: String { ProcessInfo.processInfo.environment["LACUNA_DATA"] ?? "" }

    /// A measured stack behind a MAXIPIX quad, its seams through the fringes, checked by a computation in Python.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LACUNA_PYTHON"] != nil))
    func aMeasuredStackIsFilledAsAnIndependentComputationSays() async throws {
        try await withTemporaryDirectory { directory in
            let simulated = try await LacunaProcess.run(
                "simulate", "--output", directory.path(percentEncoded: false), "--from", "\(data)/real/S0054.npz",
                "--compression", "bslz4")
            try #require(simulated.status == 0, "\(simulated.errors)")
            let folder = directory.appending(path: "crystal/crystal_0001").path(percentEncoded: false)
            let scan = "\(folder)/crystal_0001.h5"
            let result = try await LacunaProcess.run("inpaint", scan, "--method", "linear")
            try #require(result.status == 0, "\(result.errors)")
            try await runPython(
                "check_linear.py", scan, "\(folder)/truth.h5", "\(folder)/crystal_0001_scan0001_inpainted.h5")
        }
    }

    /// Every real layout file: what it is, which detector, and the frame file that it lacks.
    @Test(
        arguments: [
            ("bliss_demoh5_dataset.h5", "bliss dataset", nil, "marana_0000.h5"),
            ("bliss_ma4500_demoh5.h5", "bliss master", nil, "demoh5_dataset.h5"),
            ("cxi_minimal.cxi", "cxi", nil, "expected 3 axes (frame, row, column), found 2: 50x100"),
            ("dectris_eiger_master.h5", "nexus", "eiger-9m", "dectris_eiger_data_000001.h5"),
            ("dls_i04_Therm_6_2.nxs", "nexus", "eiger2-16m", "Therm_6_2_000001.h5"),
            ("i16_1040323.nxs", "nexus", nil, "1040323.hdf"),
            ("lambda_m1_part00000.nxs", "nexus", "lambda-750k-gaas", nil),
            ("nanomax_000008.h5", "nexus", nil, "scan_000008_pilatus.hdf5"),
        ] as [(String, String, String?, String?)])
    func realFilesAreRecognised(file: String, layout: String, detector: String?, missing: String?) async throws {
        let path = "\(data)/layouts/\(file)"
        let inspected = try await LacunaProcess.run("inspect", path, "--json")
        try #require(inspected.status == 0, "\(inspected.errors)")
        let found = try JSONDecoder().decode(Found.self, from: Data(inspected.output.utf8))
        #expect(found.layout == layout)
        #expect(found.scans.first?.detector?.name == detector)
        if let missing {
            #expect(found.scans.first?.problem?.message.contains(missing) == true)
            let output = FileManager.default.temporaryDirectory.appending(path: "never-\(UUID().uuidString).h5")
            let scan = layout.hasPrefix("bliss") ? ["--scan", "1"] : []
            let refused = try await LacunaProcess.run(
                LacunaProcess.executable, ["inpaint", path, "--output", output.path(percentEncoded: false)] + scan)
            #expect(refused.status == 3)
            #expect(refused.errors.contains(missing))
        }
    }

    private struct Found: Decodable {
        struct Scan: Decodable {
            struct Detector: Decodable { var name: String }
            struct Problem: Decodable { var message: String }
            var detector: Detector?
            var problem: Problem?
        }
        var layout: String
        var scans: [Scan]
    }
}
