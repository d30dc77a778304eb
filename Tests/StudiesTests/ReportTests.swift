import Foundation
import Inpainting
import Testing
import Volume

@testable import Studies

/// Tables and what is written of them.
@Suite struct ReportTests {
    /// Two windows of 3 pixels and one of 6 with made-up scores of linear and kriging.
    private static func scores() -> WindowScores {
        func window(width: Int, pcc: [Double], counts: Double) -> ScoredWindow {
            let scores = pcc.map { pcc in
                var score = WindowScore()
                score.pcc = pcc
                score.squaredError = 3
                score.photonNoise = 2
                return score
            }
            return ScoredWindow(
                width: width, volume: 0, brightness: log1p(counts), meanCounts: counts, scores: scores,
                seconds: [0.001, 0.1])
        }
        var scoring = WindowScoring(methods: [])
        scoring.widths = [3, 6]
        scoring.windows = 2
        scoring.seed = 7
        return WindowScores(
            source: "made, up", methods: ["linear", "kriging"],
            windows: [
                window(width: 3, pcc: [0.5, 0.8], counts: 1), window(width: 3, pcc: [0.7, 0.8], counts: 100),
                window(width: 6, pcc: [0.4, 0.6], counts: 100),
            ], scoring: scoring, volumes: 1)
    }

    private static func row(
        _ table: StudyTable, width: Int, subset: String, method: String
    ) -> [String: StudyTable.Value]? {
        table.rows.map { Dictionary(uniqueKeysWithValues: zip(table.columns, $0)) }.first {
            $0["width"] == .integer(width) && $0["subset"] == .text(subset) && $0["method"] == .text(method)
        }
    }

    @Test func patchesAreSummedUpByWidthMethodAndBrightness() throws {
        let table = PatchStudy().table(of: Self.scores())
        let linear = try #require(Self.row(table, width: 3, subset: "all", method: "linear"))
        #expect(linear["windows"] == .integer(2))
        #expect(abs((linear["pcc"]?.number ?? 0) - 0.6) < 1e-12)
        #expect(linear["gain"] == .missing && linear["within_1_sigma"] == .missing)
        #expect(linear["misfit"] == .number(1.5))
        let kriging = try #require(Self.row(table, width: 3, subset: "all", method: "kriging"))
        #expect(abs((kriging["gain"]?.number ?? 0) - 0.2) < 1e-12)
        #expect(Self.row(table, width: 3, subset: "brightness >4", method: "linear")?["windows"] == .integer(1))
        #expect(Self.row(table, width: 3, subset: "brightness 2-3", method: "linear") == nil)
    }

    @Test func whatSkipsPixelsIsALineAndTheOthersStandBesideIt() throws {
        var scores = Self.scores()
        scores.scoring.methods = [
            StudyMethod("paper skipping 4", Kriging(), skippedPixels: 4), StudyMethod("kriging", Kriging()),
        ]
        scores.methods = scores.scoring.methods.map(\.name)
        let table = StrideStudy().table(of: scores)
        #expect(table.value("skipped", row: 0) == .integer(4) && table.value("skipped", row: 1) == .missing)
        #expect(table.value("seconds", row: 1) == .number(0.1) && table.value("misfit", row: 0) == .number(1.5))
        let figures = StrideStudy().figures(of: scores)
        let names = figures.map(\.name)
        #expect(names.count == 4 && names[0] == "time-against-skipped-3px")
        #expect(figures[0].series.map(\.name) == ["paper", "kriging"])
        #expect(figures[0].script(output: "x").contains("set logscale y"))
    }

    @Test func intensityHasARowForEachBinThatHoldsWindows() {
        let table = IntensityStudy().table(of: Self.scores())
        let bins = table.rows.indices.compactMap { table.value("bin", row: $0)?.number }
        #expect(bins == [0, 0, 19, 19, 19, 19])
    }

    @Test func binsOfADistanceLeaveCrossesOut() {
        var scores = Self.scores()
        scores.windows[0].distance = 7.5
        scores.windows[2].distance = 20
        let table = PositionStudy().table(of: scores)
        #expect(table.rows.indices.map { table.value("width", row: $0) } == [3, 3, 6, 6].map { .integer($0) })
        #expect(table.rows.indices.map { table.value("distance_to", row: $0)?.number } == [8, 8, 24, 24])
    }

    @Test func tablesAreQuotedAndRounded() {
        var table = StudyTable(columns: ["a", "b, c"])
        table.append([.text("say \"so\""), .number(0.1234567)])
        table.append([.integer(3), .missing])
        #expect(table.csv == "a,\"b, c\"\r\n\"say \"\"so\"\"\",0.12346\r\n3,\r\n")
    }

    @Test func aReportIsWrittenAsTableAndFigures() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "lacuna-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let report = StudyReport(.patches, of: Self.scores())
        try await report.write(to: directory.path(percentEncoded: false))
        #expect(report.figures == ["pcc-against-width.png"])
        #expect(report.remarks.count == 1 && report.remarks[0].contains("1 of 2"))
        let csv = try String(contentsOf: directory.appending(path: "table.csv"), encoding: .utf8)
        #expect(csv.hasPrefix("study,source,seed,width,subset,method,windows,volumes,pcc,"))
        #expect(csv.contains("patches,\"made, up\",7,3,all,linear,2,1,0.6,"))
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: directory.appending(path: "table.json")))
        let object = try #require(json as? [String: Any])
        #expect(object["windows_per_width"] as? Int == 2 && object["seed"] as? Int == 7)
        #expect((object["rows"] as? [[String: Any]])?.count == report.rows.rows.count)
        let picture = try Data(contentsOf: directory.appending(path: "pcc-against-width.png"))
        #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func theWordsOfAFigureAreNoGnuplotCommands() {
        let figure = Figure(
            name: "f", title: "it's `here`", xLabel: "x", yLabel: "y",
            series: [.init(name: "empty", points: [])])
        let script = figure.script(output: "/tmp/f.png")
        #expect(script.contains("set title 'it''s `here`'"))
        #expect(!script.contains("plot "))
    }
}
