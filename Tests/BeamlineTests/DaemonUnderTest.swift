import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Beamline
@testable import StatusSite

/// A whole daemon over real directories, with a fake worker.
struct DaemonUnderTest {
    private static let pageDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Config/page").path(percentEncoded: false)

    let directory: TemporaryDirectory
    let worker = FakeWorker()
    let sink = RecordingSink()
    let manager = RecordingManager()
    let configurationFile: String
    let configuration: Configuration
    /// Those that ship.
    static let detectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Config/detectors").path

    /// - Parameter status: further keys of the block `status`.
    init(status: String = "", path: String = "data") throws {
        directory = try TemporaryDirectory()
        _ = try directory.makeDirectory("data")
        // Below the ports that clients get: one that is not listened at yet could be connected to itself.
        let port = Int.random(in: 20_000..<32_000)
        configurationFile = try directory.write(
            "lacuna.yaml",
            """
            version: 1
            watch: [{path: "\(directory.path)/\(path)", settle_seconds: 0}]
            state: {directory: \(directory.path)/state}
            status: {socket: \(directory.path)/run/lacuna.sock, http: "127.0.0.1:\(port)"\(status)}
            detectors: {directories: [\(Self.detectors)]}
            minimum_free_space_mb: 1
            """
        )
        configuration = try Configuration(contentsOf: configurationFile)
    }

    func daemon(once: Bool = false, dryRun: Bool = false, ledger: Ledger? = nil) throws -> Daemon {
        try FileManager.default.createDirectory(
            atPath: configuration.stateDirectory, withIntermediateDirectories: true
        )
        let context = DaemonContext(
            ledger: try ledger ?? Ledger(directory: configuration.stateDirectory), worker: worker,
            journal: sink.journal, manager: manager, watchdog: Watchdog(manager: manager, interval: nil))
        return Daemon(
            configuration: configuration, configurationFile: configurationFile, context: context, version: "1.2.3",
            once: once, dryRun: dryRun, pageDirectory: Self.pageDirectory)
    }

    /// Runs a daemon that answers, and ends it after the body.
    func whileRunning(_ body: (Daemon) async throws -> Void) async throws {
        let daemon = try self.daemon()
        try await daemon.prepare()
        let group = ServiceGroup(
            services: [daemon, daemon.controlServer], logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
        )
        let running = Task { try await group.run() }
        try await eventually("it answers") { (try? await get("/status")) != nil }
        try await body(daemon)
        await group.triggerGracefulShutdown()
        try await running.value
    }

    var port: UInt16 { configuration.statusAddress?.port ?? 0 }

    /// Asks over a TCP connection of its own.
    func get(_ path: String) async throws -> RawAnswer {
        try await RawConnection(port: port).ask("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\n\r\n")
    }

    /// Sends a request with these lines after the first one.
    func send(_ first: String, _ headers: [String], body: String = "") async throws -> RawAnswer {
        let lines = ["\(first) HTTP/1.1"] + headers + ["", body]
        return try await RawConnection(port: port).ask(lines.joined(separator: "\r\n"))
    }
}
