package import FlyingSocks
internal import Foundation
internal import Glibc

/// What a client may cost at most.
package struct WebLimits: Sendable {
    /// Connections at a time. One more takes the place of the oldest that has not asked yet.
    var connections = 128
    /// For the request and its answer together.
    var time = Duration.seconds(10)
    var headBytes = 8_192
    var bodyBytes = 4_096

    /// For everybody.
    package static let standard = WebLimits()
    /// For the daemon's own user, who may name many scans at once.
    package static let ofCommands = WebLimits(bodyBytes: 1 << 20)
}

/// Answers HTTP requests, one on each connection, within limits that no client can stretch.
///
/// The sockets are FlyingFox's; its HTTP server, which bounds neither the length of a head nor the time it takes, is not.
package actor WebListener {
    private struct Connection {
        var task: Task<Void, Never>
        var hasAsked = false
    }

    private let limits: WebLimits
    private let answer: @Sendable (WebRequest) async -> WebResponse
    /// By number, counted up.
    private var connections: [Int: Connection] = [:]
    private var count = 0

    package init(
        limits: WebLimits = .standard, answer: @escaping @Sendable (WebRequest) async -> WebResponse
    ) {
        self.limits = limits
        self.answer = answer
    }

    /// Listens until the task is cancelled, which is no error.
    ///
    /// - Parameter onListening: called once, when clients can connect.
    /// - Throws: the socket's error, e.g. where the address is in use.
    package func run(at address: some SocketAddress, onListening: @Sendable () -> Void = {}) async throws {
        let socket = try Socket(domain: Int32(address.family))
        defer { try? socket.close() }
        try socket.setValue(true, for: .localAddressReuse)
        try socket.bind(to: address)
        try socket.listen()
        let pool = SocketPool<Poll>.make()
        try await pool.prepare()
        let listening = try AsyncSocket(socket: socket, pool: pool)
        onListening()
        defer { for connection in connections.values { connection.task.cancel() } }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run() }
                group.addTask { try await self.accept(from: listening) }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch  where Task.isCancelled {}
    }

    private func accept(from listening: AsyncSocket) async throws {
        while true {
            do {
                open(try await listening.accept())
            } catch {
                try Task.checkCancellation()
                // Most likely no descriptor is left; connections end and give some back.
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func open(_ socket: AsyncSocket) {
        _ = fcntl(socket.socket.file.rawValue, F_SETFD, FD_CLOEXEC)
        if connections.count >= limits.connections {
            guard let oldest = connections.filter({ !$0.value.hasAsked }).keys.min() else {
                try? socket.close()
                return
            }
            connections.removeValue(forKey: oldest)?.task.cancel()
        }
        count += 1
        let number = count
        connections[number] = Connection(task: Task { await serve(socket, number) })
    }

    private func serve(_ socket: AsyncSocket, _ number: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.exchange(socket, number) }
            group.addTask { [limits] in try? await Task.sleep(for: limits.time) }
            await group.next()
            group.cancelAll()
        }
        try? socket.close()
        connections[number] = nil
    }

    private func noteRequest(_ number: Int) {
        connections[number]?.hasAsked = true
    }

    @concurrent private nonisolated func exchange(_ socket: AsyncSocket, _ number: Int) async throws {
        do {
            let request = try await read(from: socket)
            await noteRequest(number)
            let response = await answer(request)
            try await socket.write(response.bytes(withBody: request.method != "HEAD"))
        } catch let fault as WebFault {
            try await socket.write(fault.response.bytes(withBody: true))
        }
        // A connection that is closed with bytes unread is reset, and the client may lose its answer.
        shutdown(socket.socket.file.rawValue, Int32(SHUT_WR))
        for _ in 0..<64 { _ = try await socket.read(atMost: 4_096) }
    }

    @concurrent private nonisolated func read(from socket: AsyncSocket) async throws -> WebRequest {
        var bytes: [UInt8] = []
        var searched = 0
        let end = Array("\r\n\r\n".utf8)
        while true {
            let from = max(0, searched - end.count)
            if let found = bytes[from...].firstRange(of: end) {
                var request = try WebRequest(head: bytes[..<found.lowerBound])
                request.localAddress = try? socket.socket.sockname().host
                let length = try request.bodyLength()
                guard length <= limits.bodyBytes else { throw WebFault.bodyTooLarge }
                var body = Data(bytes[found.upperBound...])
                while body.count < length { body += try await socket.read(atMost: length - body.count) }
                request.body = body.prefix(length)
                return request
            }
            guard bytes.count < limits.headBytes else { throw WebFault.headTooLarge }
            searched = bytes.count
            bytes += try await socket.read(atMost: limits.headBytes)
        }
    }
}

extension Socket.Address {
    /// The address without the port; `nil` for a Unix socket.
    fileprivate var host: String? {
        switch self {
        case .ip4(let address, _), .ip6(let address, _): address
        case .unix: nil
        }
    }
}

extension HostAndPort {
    /// The address to listen at or to connect to.
    ///
    /// - Throws: an error for a host that is neither `localhost` nor an IP address.
    package func socketAddress() throws -> any SocketAddress {
        if host.contains(":") { return try sockaddr_in6.inet6(ip6: host, port: port) }
        return try sockaddr_in.inet(ip4: host == "localhost" ? "127.0.0.1" : host, port: port)
    }
}
