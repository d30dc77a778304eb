import Foundation
import Testing

@Suite struct EvaluateTests {
    /// What `lacuna evaluate --json` prints, as far as it is tested.
    private struct Report: Decodable {
        struct Row: Decodable {
            var width: Int
            var subset: String
            var method: String
            var windows: Int
            var pcc: Double
        }

        var source: String
        var figures: [String]
        var rows: [Row]
    }

    @Test func aSmallStudyIsMadeFromEndToEnd() async throws {
        try await withTemporaryDirectory { root in
            let directory = root.appending(path: "new/patches")
            let result = try await LacunaProcess.run(
                "evaluate", "patches", "--output", directory.path(percentEncoded: false), "--windows", "8", "--volumes",
                "1", "--widths", "3,12", "--methods", "linear,nearest", "--picture", "12", "--json")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.source == "simulated")
            let all = report.rows.filter { $0.subset == "all" }
            #expect(all.map(\.method) == ["linear", "nearest", "oracle", "linear", "nearest", "oracle"])
            #expect(all.allSatisfy { $0.windows == 8 && (0...1).contains($0.pcc) })
            #expect(report.figures == ["pcc-against-width.png", "picture.png"])
            for name in ["table.csv", "table.json"] + report.figures {
                #expect(FileManager.default.fileExists(atPath: directory.appending(path: name).path), "\(name)")
            }
        }
    }

    @Test func aReportIsOnePageAndIsContinued() async throws {
        try await withTemporaryDirectory { root in
            // One study was made by the command of the report, as it says, with fewer windows.
            let study = root.appending(path: "interpolation")
            let made = try await LacunaProcess.run(
                "evaluate", "interpolation", "--output", study.plainPath, "--windows", "4", "--volumes", "1",
                "--widths", "3")
            try #require(made.status == 0, "\(made.errors)")
            let arguments = #"["interpolation","--widths","3,6,9,12","--windows","300","--volumes","24"]"#
            try #"{"arguments": \#(arguments), "seconds": 60}"#
                .write(to: study.appending(path: "made.json"), atomically: true, encoding: .utf8)

            let report = try await LacunaProcess.run(
                "evaluate", "all", "--output", root.plainPath, "--only", "interpolation")
            try #require(report.status == 0, "\(report.errors)")
            #expect(report.output == root.appending(path: "index.html").plainPath + "\n")
            let page = try String(contentsOf: root.appending(path: "index.html"), encoding: .utf8)
            #expect(page.contains("lacuna evaluate interpolation --widths 3,6,9,12 --windows 300"))
            #expect(page.contains("<td>cubic</td>") && page.contains("data:image/png;base64,"))
            #expect(!page.contains("Not made"))

            let wrong = try await LacunaProcess.run("evaluate", "all", "--output", root.plainPath, "--only", "nothing")
            #expect(wrong.status == 2 && wrong.errors.contains("no study is called “nothing”"))
        }
    }

    @Test func gapsAreFollowedIntoRealSpace() async throws {
        try await withTemporaryDirectory { root in
            let directory = root.path(percentEncoded: false)
            let result = try await LacunaProcess.run(
                "evaluate", "real-space", "--output", directory, "--part", "true-phases", "--crystals", "1", "--size",
                "40", "--widths", "3", "--distance", "3", "--methods", "linear", "--json")
            try #require(result.status == 0, "\(result.errors)")
            let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
            let report = try #require(json as? [String: Any])
            let rows = try #require(report["rows"] as? [[String: Any]])
            #expect(Set(rows.compactMap { $0["phases"] as? String }) == ["true"])
            for name in ["table.csv", "table.json"] + (report["figures"] as? [String] ?? []) {
                #expect(FileManager.default.fileExists(atPath: root.appending(path: name).path), "\(name)")
            }
        }
    }

    /// The smallest of the two-dimensional networks, hardly trained on small patterns.
    @Test(arguments: [
        (
            ["models", "--networks", "msd-net", "--position-patterns", "1", "--particles", "1"],
            ["width", "position", "oversampling"], 1
        ),
        (["losses", "--network", "msd-net"], ["width"], 5),
    ])
    func networksForImagesAreTrainedAndCompared(
        arguments: [String], questions: [String], trainings: Int
    ) async throws {
        try await withTemporaryDirectory { root in
            let result = try await LacunaProcess.run(
                LacunaProcess.executable,
                ["evaluate"] + arguments
                    + ["--output", root.plainPath, "--steps", "1", "--patterns", "1", "--extent"]
                    + ["32", "--json"])
            try #require(result.status == 0, "\(result.errors)")
            let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
            let report = try #require(json as? [String: Any])
            let rows = try #require(report["rows"] as? [[String: Any]])
            #expect(Set(rows.compactMap { $0["question"] as? String }) == Set(questions))
            #expect((report["trainings"] as? [[String: Any]])?.count == trainings)
            let figures = try #require(report["figures"] as? [String])
            #expect(figures == questions.map { "pcc-against-\($0).png" } + ["training.png"])
            for name in ["table.csv", "table.json"] + figures {
                #expect(FileManager.default.fileExists(atPath: root.appending(path: name).path), "\(name)")
            }
        }
    }

    @Test(arguments: [
        (["models", "--steps", "0"], "--steps"), (["models", "--steps", "9", "--weights", "a"], "--steps"),
        (["models", "--networks", "unet", "--weights", "a"], "--networks"),
        (["models", "--weights", "none.safetensors"], "none.safetensors"),
        (["models", "--networks", "unet,unet"], "--networks"), (["models", "--networks", "vgg"], "vgg"),
        (["losses", "--extent", "100"], "--extent"), (["losses", "--patterns", "0"], "--patterns"),
    ])
    func wrongUsageOfTheTrainingStudiesIsNamed(arguments: [String], says: String) async throws {
        let result = try await LacunaProcess.run(
            LacunaProcess.executable, ["evaluate"] + arguments + ["--output", "/tmp/never"])
        #expect(result.status == 2 && result.errors.contains(says), "\(result.errors)")
    }

    @Test(arguments: [
        (["--phasing-widths", "38"], "--phasing-widths"), (["--size", "31"], "--size"),
        (["--sigmas", "0"], "--sigmas"), (["--keep", "2"], "--keep"), (["--blur", "3"], "--blur"),
        (["--distance", "6,8"], "--distance"), (["--data", "a.npz", "--drift", "0.1"], "--drift"),
        (["--support-margin", "9"], "--support-margin"),
    ])
    func wrongUsageOfTheRealSpaceStudyIsNamed(arguments: [String], says: String) async throws {
        let result = try await LacunaProcess.run(
            LacunaProcess.executable, ["evaluate", "real-space", "--output", "/tmp/never"] + arguments)
        #expect(result.status == 2 && result.errors.contains(says), "\(result.errors)")
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["LACUNA_DATA"] != nil, "LACUNA_DATA is not set"))
    func windowsAreDrawnFromAMeasuredScan() async throws {
        try await withTemporaryDirectory { directory in
            let data = ProcessInfo.processInfo.environment["LACUNA_DATA"] ?? ""
            let result = try await LacunaProcess.run(
                "evaluate", "interpolation", "--output", directory.path(percentEncoded: false), "--windows", "20",
                "--widths", "6", "--data", data + "/real/S0054.npz", "--json")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.source == "S0054.npz")
            #expect(
                report.rows.filter { $0.subset == "all" }.map(\.method) == ["linear", "cubic", "nearest", "biharmonic"])
        }
    }

    @Test func theStrideOfThePapersNetworkIsTimed() async throws {
        struct Report: Decodable {
            struct Row: Decodable {
                var method: String
                var skipped: Int?
                var seconds: Double?
            }

            var figures: [String]
            var rows: [Row]
        }
        try await withTemporaryDirectory { directory in
            let result = try await LacunaProcess.run(
                "evaluate", "stride", "--output", directory.path(percentEncoded: false), "--extent", "64", "--skipped",
                "15,31", "--methods", "linear", "--seed", "1", "--json")
            try #require(result.status == 0, "\(result.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.rows.map(\.skipped) == [15, 31, nil, nil])
            #expect(report.rows.map { $0.seconds == nil } == [false, false, false, true])
            #expect(report.figures == ["time-against-skipped-6px.png", "error-against-skipped-6px.png"])
        }
    }

    @Test(arguments: [
        (["--windows", "0"], "--windows"), (["--widths", "3,x"], "3,x"), (["--widths", "3,3"], "--widths"),
        (["--methods", "magic"], "magic"), (["--crosses", "2"], "--crosses"), (["--seed", "-1"], "--seed"),
        (["--methods", "paper,linear"], "--widths"), (["--skipped", "32"], "--skipped"),
    ])
    func wrongUsageIsNamed(arguments: [String], says: String) async throws {
        let result = try await LacunaProcess.run(
            LacunaProcess.executable, ["evaluate", "patches", "--output", "/tmp/never"] + arguments)
        #expect(result.status == 2 && result.errors.contains(says), "\(result.errors)")
    }
}
