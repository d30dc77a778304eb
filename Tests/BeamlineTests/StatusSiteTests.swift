import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline
@testable import StatusSite

/// The page, the JSON and the metrics of a running daemon, over real connections.
@Suite struct StatusSiteTests {
    @Test func thePageAndItsFilesAreServedWithAPolicyThatAllowsNothingElse() async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            for (path, type) in [
                ("/", "text/html; charset=utf-8"), ("/page.css", "text/css; charset=utf-8"),
                ("/page.js", "text/javascript; charset=utf-8"), ("/scan/1", "text/html; charset=utf-8"),
                ("/icon.svg", "image/svg+xml"),
            ] {
                let answer = try await test.get(path)
                #expect(answer.status == 200 && answer.headers["content-type"] == type, "\(path)")
                #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'; ") == true)
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(!answer.text.contains("https://") && !answer.text.contains("//cdn"), "\(path)")
            }
            let head = try await test.send("HEAD /", ["Host: localhost"])
            #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] != "0")
            for path in ["/nothing", "/../lacuna.yaml", "/picture/1", "/picture/x", "/index.html"] {
                #expect(try await test.get(path).status == 404, "\(path)")
            }
        }
    }

    @Test func theStateNamesWhatEndedWithItsQuality() async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            let file = try test.directory.write("data/a.npz")
            func last() async throws -> StatusReport.Scan? {
                let answer = try await test.get("/status")
                // A busy machine may take longer than the server waits.
                guard answer.status == 200 else { return nil }
                return try StatusReport.decoder.decode(StatusReport.self, from: answer.body).last.first
            }
            try await eventually("done") { try await last() != nil }
            let scan = try #require(try await last())
            #expect(scan.file == file && scan.method == "linear" && scan.pcc == 0.98 && scan.misfit == 1.2)
            #expect(scan.pccLinear == 0.7 && scan.pccKriging == 0.9)

            try test.directory.write("data/a_inpainted.png", "a picture")
            let picture = try await test.get("/picture/\(scan.id)?now")
            #expect(picture.status == 200 && picture.text == "a picture")
            #expect(picture.headers["content-type"] == "image/png")
        }
    }

    @Test func sectionsAreDrawnOnceAndOnlyOfScansThatAreThere() async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            _ = try test.directory.write("data/a.npz")
            try await eventually("done") { try await test.get("/history").text.contains("\"pcc\" : 0.98") }
            let about = try await test.get("/scan/1/about")
            #expect(about.status == 200 && about.text.contains("\"maximum\" : 4711"))
            #expect(try await test.get("/scan/1").headers["content-type"] == "text/html; charset=utf-8")

            let picture = try await test.get("/scan/1/frame/4/counts.png?now")
            #expect(picture.status == 200 && picture.headers["content-type"] == "image/png")
            #expect(try await test.get("/scan/1/frame/4/counts.png?later").body == picture.body)
            #expect(try await test.get("/scan/1/frame/4/gaps.png").body != picture.body)
            let drawn = test.worker.pictures
            #expect(drawn.map(\.layer) == [.counts, .gaps] && drawn.allSatisfy { $0.maximum == 4_711 })

            let outside = try await test.get("/scan/1/row/10/counts.png")
            #expect(outside.status == 404 && outside.text.contains("no such section"))
            for path in [
                "/scan/2/about", "/scan/1/frame/04/counts.png", "/scan/1/frame/-1/counts.png",
                "/scan/1/frame/4/counts", "/scan/1/frame/4/pixels.png", "/scan/1/depth/4/counts.png", "/scan/x",
                "/scan/1/", "/scan/1/frame/4", "/scan/1/frame/99999999999999999999/counts.png",
            ] { #expect(try await test.get(path).status == 404, "\(path)") }
        }
    }

    @Test func whoAsksForTooManySectionsIsRefused() async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            _ = try test.directory.write("data/a.npz")
            try await eventually("done") { try await test.get("/status").text.contains("\"done\" : 1") }
            test.worker.hangPictures()
            let refused = Counter(0)
            for index in 0..<48 {
                Task {
                    let answer = try await test.get("/scan/1/frame/\(index % 10)/counts.png?\(index)")
                    if answer.status == 503, answer.headers["retry-after"] != nil { refused.add(1) }
                }
            }
            try await eventually("some are refused") { refused.value > 0 }
            #expect(test.worker.pictures.count <= 2)
            #expect(try await test.get("/state").status == 200)
        }
    }

    @Test func nothingIsPutBackUnlessTheConfigurationAllowsIt() async throws {
        let json = ["Host: localhost", "Content-Type: application/json", "Content-Length: 11"]
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            let refused = try await test.send("POST /retry", json, body: "{\"scan\": 1}")
            #expect(refused.status == 405 && refused.headers["allow"] == "GET, HEAD")
        }

        let open = try DaemonUnderTest(status: ", allow_retry: true")
        open.worker.failNext(WorkerFailure(.input, "no such dataset"))
        try await open.whileRunning { _ in
            try open.directory.write("data/bad.npz")
            try await eventually("failed") { try await open.get("/state").text.contains("no such dataset") }
            #expect(try await open.send("POST /retry", json, body: "{\"scan\": 7}").status == 404)
            #expect(try await open.send("POST /retry", json, body: "{\"skan\": 1}").status == 400)
            let form = ["Host: localhost", "Content-Type: text/plain", "Content-Length: 11"]
            #expect(try await open.send("POST /retry", form, body: "{\"scan\": 1}").status == 415)
            let answer = try await open.send("POST /retry", json, body: "{\"scan\": 1}")
            #expect(answer.status == 200 && answer.text.contains("bad.npz"))
            try await eventually("done after all") { try await open.get("/state").text.contains("\"done\" : 1") }
        }
    }

    @Test func scansArePausedOnThePageWhereTheConfigurationAllowsIt() async throws {
        func json(_ body: String) -> [String] {
            ["Host: localhost", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        }
        let (pause, resume) = ("{\"paused\": true}", "{\"paused\": false}")
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            let refused = try await test.send("POST /pause", json(pause), body: pause)
            #expect(refused.status == 405 && refused.headers["allow"] == "GET, HEAD")
            let report = try await StatusClient(configuration: test.configuration).status()
            #expect(report.pausedTrees == nil)
        }

        let open = try DaemonUnderTest(status: ", allow_retry: true")
        try await open.whileRunning { _ in
            func status() async throws -> StatusReport {
                try await StatusClient(configuration: open.configuration).status()
            }
            let form = ["Host: localhost", "Content-Type: text/plain", "Content-Length: \(pause.utf8.count)"]
            #expect(try await open.send("POST /pause", form, body: pause).status == 415)
            #expect(try await open.send("POST /pause", json("{}"), body: "{}").status == 400)
            #expect(try await status().pausedTrees == nil)

            #expect(try await open.send("POST /pause", json(pause), body: pause).status == 200)
            #expect(try await status().pausedTrees?.map(\.path) == ["/"])
            try open.directory.write("data/a.npz")
            try await eventually("it waits") { try await status().counts["ready"] == 1 }
            #expect(try await open.send("POST /pause", json(resume), body: resume).status == 200)
            try await eventually("it is done") { try await status().counts["done"] == 1 }
            #expect(try await status().pausedTrees == nil)
        }
    }

    @Test(arguments: [
        ("GET /state", ["Host: evil.example"], 421), ("GET /state", ["Host: localhost.evil.example:80"], 421),
        ("GET /state", [], 421), ("GET /state", ["Host: [::1]:80"], 200), ("GET /state", ["Host: 127.0.0.1"], 200),
        ("GET /state", ["Host: localhost", "Origin: http://evil.example"], 403),
        ("GET /state", ["Host: localhost", "Origin: null"], 403),
        ("GET /state", ["Host: localhost:1", "Origin: http://localhost:1"], 200),
        ("GET /state", ["Host: localhost", "Sec-Fetch-Site: cross-site"], 403),
        ("GET /state", ["Host: localhost", "Sec-Fetch-Site: same-site"], 403),
        ("GET /state", ["Host: localhost", "Sec-Fetch-Site: same-origin"], 200),
        (
            "GET /",
            ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"],
            200
        ),
        ("GET /", ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], 403),
        (
            "GET /scan/1",
            ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"],
            200
        ),
        (
            "GET /scan/1/frame/1/counts.png",
            ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"],
            403
        ),
        ("PUT /state", ["Host: localhost"], 405), ("DELETE /", ["Host: localhost"], 405),
        ("OPTIONS /", ["Host: localhost"], 405), ("TRACE /", ["Host: localhost"], 405),
        ("GET http://evil.example/", ["Host: localhost"], 400), ("GET", ["Host: localhost"], 400),
        ("GET /", ["Host: localhost", "Host: evil.example"], 400),
        ("POST /retry", ["Host: localhost", "Transfer-Encoding: chunked"], 411),
        ("POST /retry", ["Host: localhost", "Content-Length: -1"], 400),
        ("POST /retry", ["Host: localhost", "Content-Length: 99999999999"], 413),
    ])
    func onlyOwnNamesAndOwnPagesAreAnswered(first: String, headers: [String], status: Int) async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            let answer = try await test.send(first, headers)
            #expect(answer.status == status, "\(first) \(headers)")
        }
    }

    /// Buckets add up, each attempt is counted as what it was, and a pause shows.
    @Test func theMetricsCountWhatHappened() async throws {
        let tally = Tally()
        let job = InpaintJob(
            input: "/a.npz", scan: nil, entry: nil, output: "/o.h5", settings: ProcessingSettings(), ticket: "")
        for pcc in [0.55, 0.97] {
            var report = InpaintReport.sample(job)
            report.quality.pcc = pcc
            tally.add(.done, report, at: Date())
        }
        for state in [ScanState.failed, .failed, .quarantined] { tally.add(state, at: Date()) }
        var report = try await StatusReport(ledger: Ledger.inMemory(), running: true)
        report.paused = "no room"
        let text = MetricsText(report: report, tally: tally.counts, use: .now, started: Date()).text
        for (name, value) in [
            ("attempts_total{outcome=\"done\"}", 2), ("attempts_total{outcome=\"failed\"}", 2),
            ("attempts_total{outcome=\"quarantined\"}", 1), ("attempts_total{outcome=\"put_back\"}", 0),
            ("quality_pcc_bucket{le=\"0.5\"}", 0), ("quality_pcc_bucket{le=\"0.6\"}", 1),
            ("quality_pcc_bucket{le=\"0.95\"}", 1), ("quality_pcc_bucket{le=\"0.98\"}", 2),
            ("quality_pcc_bucket{le=\"+Inf\"}", 2), ("quality_pcc_count", 2), ("paused", 1),
        ] {
            #expect(text.contains("\nlacuna_\(name) \(value)\n"), "\(name)")
        }
    }

    @Test func theMetricsAreWhatPrometheusReads() async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            try test.directory.write("data/a.npz")
            try await eventually("done") {
                try await test.get("/metrics").text.contains("lacuna_scans{state=\"done\"} 1\n")
            }
            let answer = try await test.get("/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                "lacuna_build_info{version=\"1.2.3\"} 1", "lacuna_attempts_total{outcome=\"done\"} 1",
                "lacuna_quality_pcc_bucket{le=\"0.95\"} 0", "lacuna_quality_pcc_bucket{le=\"0.98\"} 1",
                "lacuna_quality_pcc_bucket{le=\"+Inf\"} 1", "lacuna_quality_pcc_sum 0.98",
                "lacuna_scan_seconds_sum 1.5",
                "lacuna_stage_seconds_total{stage=\"inpaint\"} 1.25", "lacuna_backlog_scans 0",
            ] {
                #expect(answer.text.contains("\n\(line)\n"), "\(line)")
            }
            #expect(answer.text.contains("\nlacuna_last_success_timestamp_seconds 1"))
            #expect(answer.text.contains("\nprocess_resident_memory_bytes "))
            try await Promtool.check(answer.body)
        }
    }
}

/// `promtool check metrics`, where it is installed.
private enum Promtool {
    static func check(_ metrics: Data) async throws {
        let places = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
        guard let program = places.first(where: FileManager.default.isExecutableFile(atPath:)) else { return }
        let complaint = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<String, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(program, metrics) })
            }
        }
        #expect(complaint.isEmpty)
    }

    private static func run(_ program: String, _ input: Data) throws -> String {
        let process = Process()
        (process.executableURL, process.arguments) = (URL(filePath: program), ["check", "metrics"])
        let (stdin, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, output, output)
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self) + (process.terminationStatus == 0 ? "" : "failed")
    }
}
