internal import Conventions
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import ServiceLifecycle
internal import StatusSite
internal import SystemPackage
internal import WorkMessages

/// Answers `lacuna status`, `lacuna retry` and the like on a Unix socket, and shows the state over HTTP.
struct ControlServer: Service {
    let socketPath: String
    let statusAddress: HostAndPort?
    /// Whether the page may put scans back and pause them; otherwise it only shows.
    let allowsRetry: Bool
    /// Where the files of the page lie; `nil` where none are installed.
    let pageDirectory: String?
    let journal: Journal
    let daemon: DaemonInsight
    let queue: QueueControl

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
            throw BeamlineError.controlSocket(socketPath, reason: error.inWords)
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
        if let process = Self.owner({ ResourceOwner.process(listeningAt: socketPath) }) {
            throw BeamlineError.addressInUse(socketPath, key: "status.socket", process: process)
        }
        unlink(socketPath)
    }

    /// - Throws: ``BeamlineError/addressInUse(_:key:process:)`` where another process listens at the address already.
    func requireFreeAddress() throws {
        guard let statusAddress else { return }
        let owner = Self.owner {
            let (isInUse, process) = ResourceOwner.listener(at: statusAddress)
            return isInUse ? process ?? 0 : nil
        }
        if let owner { throw BeamlineError.addressInUse("\(statusAddress)", key: "status.http", process: owner) }
    }

    /// Who has something still after a second: a child that a killed daemon was just starting may have had it.
    private static func owner(_ look: () -> Int32?) -> Int32? {
        var owner = look()
        for _ in 0..<20 where owner != nil {
            usleep(50_000)
            owner = look()
        }
        return owner
    }

    /// The daemon's own user and group may command it; others read the state over HTTP.
    private func serveSocket() async throws {
        let listener = WebListener(limits: .ofCommands) { request in
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
            let command = try JSONDecoder().decode(RetryRequest.self, from: request.body)
            return try WebResponse(json: await daemon.retry(command))
        case ("POST", "/pause"):
            let command = try JSONDecoder().decode(PauseRequest.self, from: request.body)
            return try WebResponse(json: await queue.pause(command))
        case ("POST", "/submit"): return try WebResponse(json: await queue.submit(Self.file(request)))
        case ("POST", "/submission"): return try WebResponse(json: await queue.submission(of: Self.file(request)))
        default: return WebResponse(status: .notFound)
        }
    }

    private static func file(_ request: WebRequest) throws -> String {
        try JSONDecoder().decode(String.self, from: request.body)
    }

    private func serve(_ address: HostAndPort) async throws {
        let site = StatusSite(
            host: address.host, pageDirectory: pageDirectory, allowsRetry: allowsRetry, daemon: daemon)
        let listener = WebListener { await site.answer($0) }
        async let names: Void = site.learnNames()
        do {
            try await listener.run(at: try address.socketAddress())
        } catch {
            journal.warn(.statusUnavailable, "the state is not shown on \(address): \(error.inWords)")
        }
        await names
    }
}

extension Error {
    /// What the system says, rather than its number.
    fileprivate var inWords: String {
        guard case .failed(_, let number, _)? = self as? SocketError else { return "\(self)" }
        return "\(Errno(rawValue: number))"
    }
}

/// What people say about the order of work, taken up by a running daemon.
struct QueueControl: Sendable {
    let ledger: Ledger
    let examiner: Examiner
    let board: StatusBoard
    let journal: Journal
    /// Wakes the workbench.
    let bell: Bell

    /// Has scans wait, or go on again.
    func pause(_ request: PauseRequest) async throws -> PauseAnswer {
        let trees = try await ledger.pause(request, at: Date())
        journal.note(.scansPaused, trees.text.map { "paused: \($0)" } ?? "nothing is paused any more")
        bell.ring()
        return PauseAnswer(trees)
    }

    /// Has the scans of a file come first.
    func submit(_ file: String) async throws -> Submission {
        try await examiner.submit(file)
        return try await submission(of: file)
    }

    /// How a file that was submitted fares.
    func submission(of file: String) async throws -> Submission {
        var submission = try await ledger.submission(of: file)
        submission.work = board.work.first { $0.file == file }
        return submission
    }
}
