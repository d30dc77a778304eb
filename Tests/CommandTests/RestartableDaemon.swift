import Foundation
import TestSupport
import Testing

/// `lacuna watch` over a tree of its own, which is started, ended, killed and started again.
final class RestartableDaemon {
    let directory: URL
    /// Everything that its runs wrote to standard error so far.
    var journal: [String] {
        let text = (try? String(contentsOf: journalFile, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
    /// The watched tree.
    var data: URL { directory.appending(path: "data") }
    var configuration: URL { directory.appending(path: "lacuna.yaml") }
    var ledger: LedgerFile { LedgerFile(path: directory.appending(path: "state/ledger.sqlite")) }
    private var journalFile: URL { directory.appending(path: "journal") }
    /// Variables that it gets beside those of the tests.
    var environment: [String: String] = [:]
    private let status: String
    private(set) var process: Process?

    /// - Parameters:
    ///   - watch: further keys of the watched tree, e.g. `events: poll`.
    ///   - rest: further blocks of the configuration.
    ///   - status: further keys of the block `status`.
    init(
        in directory: URL, watch: String = "settle_seconds: 0.2", rest: String = "", status: String = "http: \"off\""
    ) throws {
        self.directory = directory
        self.status = status
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try Data().write(to: journalFile)
        try configure(watch: watch, rest: rest)
    }

    deinit {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Writes the configuration anew.
    func configure(roots: [URL] = [], watch: String, rest: String = "") throws {
        let trees = ([data] + roots).map { "  - {path: \($0.plainPath), \(watch)}" }.joined(separator: "\n")
        let detectors = LacunaProcess.package.appending(path: "Config/detectors").plainPath
        try """
        version: 1
        watch:
        \(trees)
        state: {directory: \(directory.plainPath)/state}
        status: {socket: \(directory.plainPath)/socket, \(status)}
        detectors: {directories: [\(detectors), \(directory.plainPath)/detectors.d]}
        minimum_free_space_mb: 1
        \(rest)
        """.write(to: configuration, atomically: true, encoding: .utf8)
    }

    /// Starts it and does not wait for anything.
    func start(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = LacunaProcess.executable
        process.arguments = ["watch", "--config", configuration.plainPath] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let log = try FileHandle(forWritingTo: journalFile)
        try log.seekToEnd()
        process.standardError = log
        try process.run()
        self.process = process
    }

    /// Starts it and waits until its watches are set.
    func startAndWait() async throws {
        let starts = count(of: " watching ")
        try start()
        try await eventually("the watches are set") { self.count(of: " watching ") > starts }
    }

    func signal(_ number: Int32) throws {
        #expect(kill(try #require(process).processIdentifier, number) == 0)
    }

    /// Waits until it has ended and returns its exit status, or 128 and the number of the signal.
    func end(within limit: Duration = .seconds(1800)) async throws -> Int32 {
        let process = try #require(process)
        try await eventually("the daemon ends", within: limit) { !process.isRunning }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    /// Runs a command of `lacuna` with this daemon's configuration.
    func run(_ command: String, _ arguments: String...) async throws -> LacunaProcess.Result {
        try await LacunaProcess.run(
            LacunaProcess.executable, [command, "--config", configuration.plainPath] + arguments)
    }

    /// How many lines of the journal hold a text.
    func count(of text: String) -> Int { journal.count { $0.contains(text) } }

    /// Waits until the journal says that so many scans are done.
    func waitUntilDone(_ scans: Int, within limit: Duration = .seconds(1800)) async throws {
        try await eventually("\(scans) scans are done", within: limit) { self.count(of: " done: ") >= scans }
    }
}

extension URL {
    var plainPath: String { path(percentEncoded: false) }
}
