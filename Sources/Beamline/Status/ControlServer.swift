internal import FlyingSocks
public import Foundation
internal import Glibc
internal import ServiceLifecycle

/// Answers `lacuna status` and `lacuna retry` on a Unix socket, and shows the state over HTTP.
struct ControlServer: Service {
    let socketPath: String
    let statusAddress: HostAndPort?
    /// Whether the page may put scans back; otherwise it only shows.
    let allowsRetry: Bool
    /// Where the files of the page lie; `nil` where none are installed.
    let pageDirectory: String?
    let journal: Journal
    let daemon: DaemonInsight

    func run() async throws {
        try prepareSocket()
        defer { unlink(socketPath) }
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await serveSocket() }
                    if let statusAddress { group.addTask { try await serve(statusAddress) } }
                    try await group.waitForAll()
                }
            }
        } catch {
            throw BeamlineError.controlSocket(socketPath, reason: "\(error)")
        }
    }

    /// Makes room for the socket: its directory is there, and what an earlier daemon left is not.
    func prepareSocket() throws {
        let directory = AbsolutePath.directory(of: socketPath)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw BeamlineError.controlSocket(socketPath, reason: "\(directory) cannot be made")
        }
        guard access(directory, W_OK) == 0 else {
            throw BeamlineError.controlSocket(socketPath, reason: "\(directory) cannot be written to")
        }
        unlink(socketPath)
    }

    /// The daemon's own user and group may command it; others read the state over HTTP.
    private func serveSocket() async throws {
        let limits = WebLimits(bodyBytes: 1 << 20)
        let listener = WebListener(limits: limits) { request in
            do {
                return try await answer(request)
            } catch {
                return WebResponse(status: .failure, text: "\(error)")
            }
        }
        try await listener.run(at: .unix(path: socketPath)) { chmod(socketPath, 0o660) }
    }

    private func answer(_ request: WebRequest) async throws -> WebResponse {
        switch (request.method, request.path) {
        case ("GET", "/status"): return try WebResponse(json: await daemon.report())
        case ("POST", "/retry"):
            do {
                let selection = try JSONDecoder().decode(RetrySelection.self, from: request.body)
                return try WebResponse(json: await daemon.retry(selection))
            } catch let error as BeamlineError {
                return try WebResponse(json: RetryAnswer(scans: [], problem: error.description))
            }
        default: return WebResponse(status: .notFound)
        }
    }

    private func serve(_ address: HostAndPort) async throws {
        let site = StatusSite(
            host: address.host, pageDirectory: pageDirectory, allowsRetry: allowsRetry, daemon: daemon)
        let listener = WebListener { await site.answer($0) }
        async let names: Void = site.learnNames()
        do {
            try await listener.run(at: try address.socketAddress())
        } catch {
            journal.warn(.statusUnavailable, "the state is not shown on \(address): \(error)")
        }
        await names
    }
}

/// What became of a request to put scans back.
public struct RetryAnswer: Codable, Sendable, Equatable {
    /// The scans that were put back, as `file#scan`.
    public var scans: [String]
    public var problem: String?
    /// Whether a daemon took the request; otherwise it is in the ledger for the next one.
    public var running = true
}

extension StatusReport {
    /// Writes and reads reports as JSON, with keys in snake case and times in ISO 8601.
    public static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
