import Foundation
import TestSupport
import Testing

/// Scans that land frame by frame while the daemon watches.
@Suite struct LiveTests {
    @Test func aScanIsTakenAtItsEndAndOneWithoutAnEndIsGivenUp() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "stale_after_minutes: 0.05")
            try await daemon.startAndWait()
            let names = ["first", "second", "aborted", "crashed"]
            let files = Dictionary(
                uniqueKeysWithValues: names.map { name in
                    let folder = daemon.data.appending(path: name)
                    return (name, folder.appending(path: "crystal/crystal_0001/crystal_0001.h5"))
                })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    let end: [String] =
                        switch name {
                        case "aborted": ["--abort-after", "4"]
                        case "crashed": ["--crash-after", "4"]
                        default: []
                        }
                    let folder = daemon.data.appending(path: name)
                    group.addTask { try await Self.acquire(in: folder, end) }
                }
                try await group.waitForAll()
            }
            try await eventually("all have ended") { try daemon.ledger.counts() == ["done": 3, "stale": 1] }
            // The journal comes after the ledger.
            try await daemon.waitUntilDone(3)
            #expect(daemon.count(of: "(aborted after 4 of 6 frames") == 1)
            #expect(daemon.count(of: "given up: no end after") == 1)
            for name in names.dropLast() {
                let file = try #require(files[name])
                // The ledger keeps milliseconds.
                let taken = try #require(try daemon.ledger.timeOfWork(on: file)) + 0.001
                #expect(taken >= (try await Self.endTime(of: file)), "\(name) was taken before its end")
            }
        }
    }

    /// Writes a scan over two seconds, in a program of its own that need not end well.
    private static func acquire(in folder: URL, _ end: [String]) async throws {
        let process = Process()
        process.executableURL = LacunaProcess.executable
        process.arguments = ["simulate", "--output", folder.plainPath, "--live", "2"] + Simulated.small + end
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await eventually("the acquisition ends") { !process.isRunning }
    }

    /// When the scan ended, by its own word.
    private static func endTime(of file: URL) async throws -> Date {
        struct Inspection: Decodable {
            struct Scan: Decodable { var end_time: String? }
            var scans: [Scan]
        }
        let result = try await LacunaProcess.run("inspect", file.plainPath, "--json")
        let inspection = try JSONDecoder().decode(Inspection.self, from: Data(result.output.utf8))
        let text = try #require(inspection.scans.first?.end_time)
        return try Date(
            text, strategy: Date.ISO8601FormatStyle(timeZoneSeparator: .colon, includingFractionalSeconds: true))
    }
}
