import FlyingSocks
import Foundation
import TestSupport
import Testing

@testable import Beamline
@testable import StatusSite

/// Clients that want to cost more than they may.
@Suite struct WebListenerTests {
    /// Runs a listener on a free port that answers with the path of the request.
    private func withListener(_ limits: WebLimits, _ body: (UInt16) async throws -> Void) async throws {
        let port = UInt16.random(in: 20_000..<32_000)
        let listener = WebListener(limits: limits) { WebResponse(status: .ok, text: $0.path) }
        let running = Task { try await listener.run(at: .inet(ip4: "127.0.0.1", port: port)) }
        try await eventually("it listens") { (try? await Self.get(port)) != nil }
        try await body(port)
        running.cancel()
        try await running.value
    }

    private static func get(_ port: UInt16) async throws -> RawAnswer {
        try await RawConnection(port: port).ask("GET /here HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }

    @Test func aRequestMayComeInPieces() async throws {
        try await withListener(WebLimits()) { port in
            let connection = try RawConnection(port: port)
            for piece in ["GET /pie", "ces HTTP/1.1\r", "\nHost: a\r\n", "\r", "\n"] { connection.send(piece) }
            #expect(await connection.rest()?.text == "/pieces\n")
        }
    }

    @Test func whoeverSendsNothingOrSlowlyIsLetGo() async throws {
        try await withListener(WebLimits(time: .milliseconds(300))) { port in
            let silent = try RawConnection(port: port)
            let slow = try RawConnection(port: port)
            slow.send("GET / HTTP/1.1\r\nHost: loc")
            #expect(await silent.rest() == nil)
            #expect(await slow.rest() == nil)
            #expect(try await Self.get(port).status == 200)
        }
    }

    @Test func twoHundredConnectionsThatNeverAskKeepNobodyOut() async throws {
        try await withListener(WebLimits(connections: 16, time: .seconds(1800))) { port in
            let idle = try (0..<200).map { _ in try RawConnection(port: port) }
            for connection in idle { connection.send("GET / HTTP/1.1\r\nX: ") }
            let begin = ContinuousClock.now
            for _ in 0..<20 { #expect(try await Self.get(port).text == "/here\n") }
            #expect(ContinuousClock.now - begin < .seconds(60))
            // All but the newest were let go, which a read shows.
            #expect(await idle[0].rest() == nil)
        }
    }

    @Test func endlessHeadsAndHugeBodiesAreCutOff() async throws {
        try await withListener(WebLimits()) { port in
            for endless in ["x", "X-Y: z\r\n"] {
                let connection = try RawConnection(port: port)
                connection.send("GET / HTTP/1.1\r\n" + String(repeating: endless, count: 100_000))
                #expect(await connection.rest()?.status == 431)
            }
            let huge = try RawConnection(port: port)
            huge.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "b", count: 100_000))
            #expect(await huge.rest()?.status == 413)
            #expect(try await Self.get(port).status == 200)
        }
    }

    @Test func whoeverDoesNotReadItsAnswerIsLetGo() async throws {
        let port = UInt16.random(in: 20_000..<32_000)
        let body = Data(repeating: 1, count: 50_000_000)
        let listener = WebListener(limits: WebLimits(time: .milliseconds(500))) { _ in
            WebResponse(body, type: "image/png")
        }
        let running = Task { try await listener.run(at: .inet(ip4: "127.0.0.1", port: port)) }
        try await eventually("it listens") { (try? RawConnection(port: port)) != nil }
        let greedy = try RawConnection(port: port)
        greedy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually("it is let go") { !greedy.send("x") }
        running.cancel()
        try await running.value
    }
}

@Suite struct WebRequestTests {
    @Test func aHeadIsReadStrictly() throws {
        let request = try WebRequest(head: "GET /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Two:  y z \r\nEmpty:".utf8)
        #expect(request.method == "GET" && request.path == "/a/b")
        #expect(request.headers == ["host": "x", "x-two": "y z", "empty": ""])
        for bad in [
            "", "GET", "GET /", "GET / HTTP/2", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET x HTTP/1.1",
            "GET / HTTP/1.1\r\nno colon", "GET / HTTP/1.1\r\n: empty", "GET / HTTP/1.1\r\na b: c",
            "GET / HTTP/1.1\r\nA: b\r\na: c", "GET / HTTP/1.1\r\nA: b\r\n folded", "GET / HTTP/1.1\nHost: x",
            "GET / HTTP/1.1\r\nA: b\nC: d",
        ] {
            #expect(throws: WebFault.badRequest, "\(bad)") { try WebRequest(head: bad.utf8) }
        }
        #expect(throws: WebFault.badRequest) { try WebRequest(head: Array("GET /".utf8) + [0xff]) }
    }
}
