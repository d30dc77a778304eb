import Foundation
import TestSupport
import Testing

/// `lacuna watch --once` over a whole tree of past scans.
@Suite struct BatchTests {
    @Test func anInterruptedRunIsContinuedAndATableSaysWhatBecameOfTheScans() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "retries: {attempts: 1}")
            let scan = try await Simulated.scan(in: directory.appending(path: "template"))
            for index in 0..<12 {
                try FileManager.default.copyItem(
                    at: scan.deletingLastPathComponent(), to: daemon.data.appending(path: "copy\(index)"))
            }
            try Data("garbage".utf8).write(to: daemon.data.appending(path: "bad.h5"))

            for number in [SIGINT, SIGKILL] {
                let done = daemon.count(of: " done: ")
                try daemon.start("--once")
                try await eventually("some are done") { daemon.count(of: " done: ") >= done + 2 }
                try daemon.signal(number)
                let status = try await daemon.end()
                #expect(number == SIGINT ? [0, 3].contains(status) : status == 128 + SIGKILL)
            }
            let before = try daemon.ledger.counts()["done"] ?? 0
            let last = try await daemon.run("watch", "--once")
            #expect([0, 3].contains(last.status), "3 where this run met the bad one")
            #expect(try daemon.ledger.counts() == ["done": 12, "quarantined": 1])
            for (scan, states) in try daemon.ledger.timelines() {
                #expect(states.count { $0 == "done" } <= 1, "\(scan): \(states)")
            }
            let lines = last.output.split(separator: "\n")
            #expect(lines.first?.hasPrefix("done ") == true && lines.first?.contains("mean pcc 0.") == true)
            #expect(lines.contains { $0.hasPrefix("done before ") && $0.hasSuffix(" \(before)") })
            #expect(lines.last?.hasPrefix("time 0:0") == true, "\(last.output)")

            let nothing = try await daemon.run("watch", "--once")
            #expect(nothing.output.hasPrefix("done before") && !nothing.output.contains("quarantined"))
        }
    }
}
