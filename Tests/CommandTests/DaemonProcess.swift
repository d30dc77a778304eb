import Foundation
import Testing

/// A running `lacuna watch` and what it says.
final class DaemonProcess {
    /// What `lacuna status --json` prints, as far as it is tested.
    struct Status: Decodable {
        struct Scan: Decodable {
            var file: String
            var state: String
            var reason: String?
        }

        var running: Bool
        var counts: [String: Int]
        var failed: [Scan]
    }

    private let process = Process()
    private let root: URL
    private let log: URL
    private let configuration: String

    /// Starts the daemon for the tree in `root`, as a user who may read and write what the rights of the files allow.
    ///
    /// - Parameter name: tells its configuration, state and log from those of other daemons of the same tree.
    init(in root: URL, name: String, arguments: [String] = []) throws {
        self.root = root
        log = root.appending(path: "\(name).log")
        let file = root.appending(path: "\(name).yaml")
        configuration = file.path(percentEncoded: false)
        let path = root.path(percentEncoded: false)
        let text = """
            version: 1
            watch:
              - {path: \(path)/tree, settle_seconds: 0.2, titles: ["*"], skip_titles: []}
              - {path: \(path)/missing}
            processing: {threads: 1, preview: false}
            detectors: {directories: [\(path)/detectors]}
            state: {directory: \(path)/\(name)}
            status: {socket: \(path)/\(name).sock, http: "off"}
            retries: {attempts: 2, backoff_seconds: 0.1}
            minimum_free_space_mb: 1

            """
        try Data(text.utf8).write(to: file)
        try Data().write(to: log)
        try Nobody.own(root)

        let all = ["watch", "--config", configuration] + arguments
        (process.executableURL, process.arguments) =
            Nobody.isPossible ? Nobody.command(all) : (LacunaProcess.executable, all)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    var journal: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// What the daemon answers; `nil` while it does not yet.
    func status() async throws -> Status? {
        let result = try await LacunaProcess.run("status", "--json", "--config", configuration)
        return try? JSONDecoder().decode(Status.self, from: Data(result.output.utf8))
    }

    /// Asks the daemon again and again until its answer is as wanted; gives the last answer after two minutes.
    func wait(until isWanted: (Status) -> Bool) async throws -> Status? {
        let deadline = ContinuousClock.now + .seconds(1800)
        while true {
            let status = try await status()
            if status.map(isWanted) ?? false || !isRunning || ContinuousClock.now > deadline { return status }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Ends the daemon in good order.
    ///
    /// - Returns: its exit code, or 128 and the number of the signal that ended it.
    func end() async throws -> Int32 {
        if process.isRunning { process.terminate() }
        return try await waitForEnd()
    }

    /// Waits until the daemon ends by itself; it is killed after two minutes.
    func waitForEnd() async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(1800)
        while process.isRunning {
            if ContinuousClock.now > deadline { kill(process.processIdentifier, SIGKILL) }
            try await Task.sleep(for: .milliseconds(50))
        }
        return process.terminationStatus + (process.terminationReason == .exit ? 0 : 128)
    }
}
