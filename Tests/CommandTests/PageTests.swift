import Foundation
import TestSupport
import Testing

/// What operators see of a running daemon: the page in a real browser, and the state at a terminal.
@Suite struct PageTests {
    @Test func thePageHoldsInARealBrowser() async throws {
        try await withTemporaryDirectory { directory in
            let port = Int.random(in: 20_000..<32_000)
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "retries: {attempts: 1}",
                status: "http: \"127.0.0.1:\(port)\", allow_retry: true")
            for _ in 0..<2 { try await Simulated.scan(in: daemon.data) }
            try Data("no archive".utf8).write(to: daemon.data.appending(path: "bad.npz"))
            try await daemon.startAndWait()
            try await daemon.waitUntilDone(2)
            try await eventually("quarantined") { try daemon.ledger.counts()["quarantined"] == 1 }
            try await runPython(
                "check_page.py", "http://127.0.0.1:\(port)/", LacunaProcess.executable.plainPath,
                daemon.data.plainPath)
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
        }
    }

    @Test func theStateHasTheKeysThatAreDocumented() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "settle_seconds: 0")
            try await Simulated.scan(in: daemon.data)
            try Data("no archive".utf8).write(to: daemon.data.appending(path: "bad.npz"))
            try await daemon.startAndWait()
            try await daemon.waitUntilDone(1)
            try await eventually("failed") { try daemon.ledger.counts()["failed"] == 1 }
            let status = try await daemon.run("status", "--json")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
            let scans = try ["last", "failed"].map { try #require((report[$0] as? [[String: Any]])?.first) }

            let document = LacunaProcess.package.appending(path: "Documentation/status.md")
            let lines = try String(contentsOf: document, encoding: .utf8).split(separator: "\n")
            // The names in the first cell of each row.
            let documented = Set(
                lines.filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "|").first }
                    .flatMap { $0.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element) })
            for key in [report, scans[0], scans[1]].flatMap(\.keys) {
                #expect(documented.contains(Substring(key)), "\(key) is not documented")
            }
            let watch = try await daemon.run("status", "--watch")
            #expect(watch.status == 2 && watch.errors.contains("needs a terminal"))
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
        }
    }
}
