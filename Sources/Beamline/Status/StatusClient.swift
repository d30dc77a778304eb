internal import Conventions
internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import StatusSite
internal import SystemPackage
public import WorkMessages

/// Asks the daemon for its state and tells it what to do, by its socket; where it does not run, by its ledger.
public struct StatusClient: Sendable {
    private let configuration: Configuration

    public init(configuration: Configuration) {
        self.configuration = configuration
    }

    /// The state of the daemon, or what its ledger remembers.
    ///
    /// - Throws: ``BeamlineError/noDaemon(_:)`` when neither can be reached.
    public func status() async throws -> StatusReport {
        if let report = await answer() { return report }
        if let address = configuration.statusAddress,
            let server = try? address.socketAddress(),
            let body = try? await send(.GET, "/status", to: server, host: "\(address)"),
            let report = try? StatusReport.decoder.decode(StatusReport.self, from: body)
        {
            return report
        }
        let directory = configuration.stateDirectory
        do {
            return try await StatusReport(
                ledger: .readOnly(directory: directory), running: StateLock.isHeld(directory: directory)
            )
        } catch {
            try requireAccess()
            throw withoutLedger(error)
        }
    }

    /// Why the ledger cannot be read where no daemon answers; SQLite tells no more than that it is so.
    private func withoutLedger(_ error: any Error) -> BeamlineError {
        let ledger = Ledger.path(in: configuration.stateDirectory)
        guard access(ledger, R_OK) != 0 else { return .noDaemon("\(error)") }
        let number = errno
        guard number != ENOENT, number != ENOTDIR else {
            return .noLedger(stateDirectory: configuration.stateDirectory)
        }
        return .noDaemon("\(ledger): \(Errno(rawValue: number))")
    }

    /// What became of one file, by the daemon's ledger.
    ///
    /// - Parameter path: absolute.
    /// - Throws: ``BeamlineError/noDaemon(_:)`` when the ledger cannot be read.
    public func account(of path: String) async throws -> FileAccount {
        do {
            return try await FileAccount(
                of: path, ledger: .readOnly(directory: configuration.stateDirectory), configuration: configuration)
        } catch {
            throw withoutLedger(error)
        }
    }

    /// - Throws: ``BeamlineError/notAllowed(_:group:user:)`` where the socket is there, and not for this user.
    private func requireAccess() throws {
        let socket = configuration.controlSocket
        var status = stat()
        guard access(socket, W_OK) != 0, errno == EACCES else { return }
        // Where even its directory is closed, that has the group.
        if stat(socket, &status) != 0 { stat(AbsolutePath.directory(of: socket), &status) }
        throw BeamlineError.notAllowed(
            socket, group: ResourceOwner.groupName(status.st_gid) ?? "lacuna",
            user: ResourceOwner.userName(geteuid()) ?? "this user")
    }

    /// Puts scans back into the queue.
    ///
    /// - Throws: ``BeamlineError/unknownScan(_:)``, ``BeamlineError/noDaemon(_:)``.
    public func retry(_ request: RetryRequest) async throws -> RetryAnswer {
        if let answer: RetryAnswer = try await ask("/retry", request) { return answer }
        let ledger = try ledgerWithoutDaemon()
        do {
            let scans = try await ledger.retry(request, at: Date())
            return RetryAnswer(scans: scans.map(\.name), running: false)
        } catch let error as BeamlineError {
            return RetryAnswer(scans: [], problem: error.description, running: false)
        }
    }

    /// Has scans wait, or go on again.
    ///
    /// - Throws: ``BeamlineError/notWatched(_:)``, ``BeamlineError/noDaemon(_:)``.
    public func pause(_ request: PauseRequest) async throws -> PauseAnswer {
        let tree = WatchedRoot(path: request.path)
        let isWatched = configuration.withTrees().roots.contains { root in
            root.path == tree.path || root.contains(tree.path) || tree.contains(root.path)
        }
        guard isWatched || !request.isPaused else { throw BeamlineError.notWatched(request.path) }
        if let answer: PauseAnswer = try await ask("/pause", request) { return answer }
        return PauseAnswer(try await ledgerWithoutDaemon().pause(request, at: Date()), running: false)
    }

    /// Has the scans of a file come first.
    ///
    /// - Throws: ``BeamlineError/notWatched(_:)``, ``BeamlineError/noDaemon(_:)``.
    public func submit(_ file: String) async throws -> Submission {
        let isTaken = configuration.withTrees().root(of: file)?.takes(file) ?? false
        guard isTaken else { throw BeamlineError.notWatched(file) }
        if let answer: Submission = try await ask("/submit", file) { return answer }
        let ledger = try ledgerWithoutDaemon()
        try await ledger.submit(file, at: Date())
        var submission = try await ledger.submission(of: file)
        submission.running = false
        return submission
    }

    /// What the daemon says on its socket; `nil` where none answers.
    func answer() async -> StatusReport? {
        guard let body = try? await send(.GET, "/status", to: .unix(path: configuration.controlSocket)) else {
            return nil
        }
        return try? StatusReport.decoder.decode(StatusReport.self, from: body)
    }

    /// How a file that was submitted fares; `nil` where no daemon answers.
    public func submission(of file: String) async throws -> Submission? { try await ask("/submission", file) }

    /// What the daemon answers on its socket; `nil` where none does.
    private func ask<Answer: Decodable>(_ path: String, _ request: some Encodable) async throws -> Answer? {
        let body = try JSONEncoder().encode(request)
        guard let answer = try? await send(.POST, path, to: .unix(path: configuration.controlSocket), body: body)
        else { return nil }
        return try StatusReport.decoder.decode(Answer.self, from: answer)
    }

    /// The ledger, for changes that the next daemon finds there.
    private func ledgerWithoutDaemon() throws -> Ledger {
        let directory = configuration.stateDirectory
        try requireAccess()
        guard !StateLock.isHeld(directory: directory) else {
            throw BeamlineError.silentDaemon(
                socket: configuration.controlSocket, process: StateLock.holder(of: directory)?.process)
        }
        guard access(Ledger.path(in: directory), R_OK | W_OK) == 0 else {
            let number = errno
            guard number != ENOENT, number != ENOTDIR else { throw BeamlineError.noLedger(stateDirectory: directory) }
            throw BeamlineError.noDaemon("\(Ledger.path(in: directory)): \(Errno(rawValue: number))")
        }
        return try Ledger(directory: directory)
    }

    /// A daemon that has not answered after so long hangs.
    private static let patience = Duration.seconds(5)

    /// Asks, and gives up where no answer comes.
    private func send(
        _ method: HTTPMethod, _ path: String, to address: some SocketAddress, host: String = "localhost",
        body: Data = Data()
    ) async throws -> Data {
        try await withThrowingTaskGroup(of: Data.self) { group in
            group.addTask { try await exchange(method, path, to: address, host: host, body: body) }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                throw BeamlineError.noDaemon("no answer within \(Self.patience)")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? Data()
        }
    }

    private func exchange(
        _ method: HTTPMethod, _ path: String, to address: some SocketAddress, host: String, body: Data
    ) async throws -> Data {
        var client = HTTPClient()
        let request = HTTPRequest(
            method: method, version: .http11, path: path, query: [],
            headers: HTTPHeaders([.host: host, .contentLength: "\(body.count)"]), body: HTTPBodySequence(data: body)
        )
        let response = try await client.sendHTTPRequest(request, to: address)
        guard response.statusCode == .ok else { throw BeamlineError.noDaemon("answer \(response.statusCode)") }
        return try await response.bodyData
    }
}
