internal import FlyingFox
internal import FlyingSocks
public import Foundation
internal import Glibc
internal import ServiceLifecycle

/// Answers `lacuna status` and `lacuna retry` on a Unix socket, and shows the state over HTTP, read-only.
struct ControlServer: Service {
    let socketPath: String
    let statusAddress: HostAndPort?
    let journal: Journal
    let report: @Sendable () async throws -> StatusReport
    let retry: @Sendable (RetrySelection) async throws -> RetryAnswer

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

    private func serveSocket() async throws {
        let server = HTTPServer(address: .unix(path: socketPath), logger: .disabled)
        await addStatus(to: server)
        await server.appendRoute("POST /retry") { request in
            do {
                let selection = try await JSONDecoder().decode(RetrySelection.self, from: request.bodyData)
                return try Self.json(try await retry(selection))
            } catch let error as BeamlineError {
                return try Self.json(RetryAnswer(scans: [], problem: error.description))
            }
        }
        async let running: Void = run(server)
        try await server.waitUntilListening()
        // The daemon's own user and group may command it; others read the state over HTTP.
        chmod(socketPath, 0o660)
        try await running
    }

    private func serve(_ address: HostAndPort) async throws {
        do {
            let server: HTTPServer
            if address.host.contains(":") {
                server = HTTPServer(address: try .inet6(ip6: address.host, port: address.port), logger: .disabled)
            } else {
                let host = address.host == "localhost" ? "127.0.0.1" : address.host
                server = HTTPServer(address: try .inet(ip4: host, port: address.port), logger: .disabled)
            }
            await addStatus(to: server)
            try await run(server)
        } catch  where !Task.isCancelled {
            journal.warn(.statusUnavailable, "the state is not shown on \(address): \(error)")
        }
    }

    /// Runs a server until the task is cancelled, which is no error.
    private func run(_ server: HTTPServer) async throws {
        do {
            try await server.run()
        } catch  where Task.isCancelled {}
    }

    private func addStatus(to server: HTTPServer) async {
        await server.appendRoute("GET /status") { _ in try Self.json(try await report()) }
    }

    private static func json(_ value: some Encodable) throws -> HTTPResponse {
        HTTPResponse(
            statusCode: .ok, headers: [.contentType: "application/json"], body: try StatusReport.encoder.encode(value)
        )
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
