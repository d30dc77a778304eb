internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import Synchronization

/// Keeps the pages of other sites from reading or changing the daemon's state through the browser of somebody who may.
///
/// A foreign name in `Host` means that another site's name was pointed at this machine (DNS rebinding); `Origin` and
/// `Sec-Fetch-Site` (W3C Fetch Metadata) tell whose page asks.
final class WebGuard: Sendable {
    private let names: Mutex<Set<String>>

    /// - Parameter configured: the host of the configured address.
    init(configured: String) {
        names = Mutex(["localhost", "127.0.0.1", "::1", configured.lowercased(), MachineName.own.lowercased()])
    }

    /// Looks up this machine's full name, which may take as long as its name servers do.
    func learnFullName() async {
        guard let full = await MachineName.full() else { return }
        _ = names.withLock { $0.insert(full.lowercased()) }
    }

    /// The refusal of a request; `nil` for one that may be answered.
    func refusal(of request: WebRequest) -> WebResponse? {
        guard let host = request.headers["host"], isOwn(host, request) else {
            return WebResponse(
                status: .misdirected, text: "This server does not answer to that name; use its own or its address.")
        }
        if let origin = request.headers["origin"], origin != "http://\(host)" {
            return WebResponse(status: .forbidden, text: "This server answers no requests of other sites.")
        }
        let site = request.headers["sec-fetch-site"] ?? "none"
        guard ["none", "same-origin"].contains(site) || isLinkToPage(request) else {
            return WebResponse(status: .forbidden, text: "This server answers no requests of other sites.")
        }
        return nil
    }

    /// Whether a name in `Host`, with or without a port, is one of this machine's.
    private func isOwn(_ host: String, _ request: WebRequest) -> Bool {
        var name = host.lowercased()
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            name = String(name[name.index(after: name.startIndex)..<end])
        } else if let colon = name.lastIndex(of: ":") {
            name = String(name[..<colon])
        }
        // The address at which the client reached this machine is certainly its own.
        return names.withLock { $0.contains(name) } || name == request.localAddress
    }

    /// Whether somebody followed a link of another site to a page, e.g. of a logbook, which tells that site nothing.
    private func isLinkToPage(_ request: WebRequest) -> Bool {
        request.method == "GET" && (request.path == "/" || ScanRequest(path: request.path) == .page)
            && request.headers["sec-fetch-mode"] == "navigate"
            && request.headers["sec-fetch-dest"] == "document"
    }
}

/// How this machine is called.
enum MachineName {
    /// Its name as it was set, with or without a domain.
    static let own: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// Its name with its domain; `nil` where no name server knows it. May take as long as the name servers do.
    static func full() async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: canonical(own)) }
        }
    }

    private static func canonical(_ name: String) -> String? {
        var hints = addrinfo()
        hints.ai_flags = AI_CANONNAME
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0, let list else { return nil }
        defer { freeaddrinfo(list) }
        return list.pointee.ai_canonname.map { String(cString: $0) }
    }
}

/// A TCP address.
public struct HostAndPort: Sendable, Equatable, CustomStringConvertible {
    public var host: String
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, with IPv6 addresses in brackets; `nil` where the text is something else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
