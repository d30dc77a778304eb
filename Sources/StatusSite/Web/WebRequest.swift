package import Foundation
internal import WorkMessages

/// One HTTP/1.1 request, read strictly: what is ambiguous is refused rather than guessed.
package struct WebRequest: Sendable, Equatable {
    package var method: String
    /// The target up to the question mark, as it was sent.
    package var path: String
    /// By name in small letters; no name stands twice.
    var headers: [String: String]
    package var body = Data()
    /// The address of this machine at which the request came in; `nil` on a Unix socket.
    var localAddress: String?

    /// Reads the lines before the body.
    ///
    /// - Parameter head: all lines without the empty one at their end.
    /// - Throws: ``WebFault/badRequest``.
    init(head: some Collection<UInt8>) throws(WebFault) {
        guard let text = String(validating: head, as: UTF8.self) else { throw .badRequest }
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let first = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard first.count == 3, first[2] == "HTTP/1.1" || first[2] == "HTTP/1.0", first[1].hasPrefix("/"),
            !first[0].isEmpty
        else { throw .badRequest }
        method = String(first[0])
        path = String(first[1].prefix { $0 != "?" })
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { throw .badRequest }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            guard name.allSatisfy(\.isTokenCharacter), !value.contains(where: \.isNewline),
                headers.updateValue(value, forKey: name) == nil
            else { throw .badRequest }
        }
    }

    /// Bytes that follow the head.
    ///
    /// - Throws: ``WebFault/lengthRequired`` for a body in chunks, ``WebFault/badRequest``.
    func bodyLength() throws(WebFault) -> Int {
        guard headers["transfer-encoding"] == nil else { throw .lengthRequired }
        guard let text = headers["content-length"] else { return 0 }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(text) else { throw .badRequest }
        return length
    }
}

/// A request that is answered with nothing but a refusal.
package enum WebFault: Error, Equatable {
    case badRequest, lengthRequired, bodyTooLarge, headTooLarge

    var response: WebResponse {
        switch self {
        case .badRequest: WebResponse(status: .badRequest)
        case .lengthRequired: WebResponse(status: .lengthRequired)
        case .bodyTooLarge: WebResponse(status: .contentTooLarge)
        case .headTooLarge: WebResponse(status: .headTooLarge)
        }
    }
}

extension Character {
    /// Whether RFC 9110, section 5.6.2, allows the character in the name of a header.
    fileprivate var isTokenCharacter: Bool {
        isASCII && (isLetter || isNumber || "!#$%&'*+-.^_`|~".contains(self))
    }
}

/// One HTTP response; the connection ends with it.
package struct WebResponse: Sendable, Equatable {
    package enum Status: String, Sendable {
        case ok = "200 OK"
        case badRequest = "400 Bad Request"
        case forbidden = "403 Forbidden"
        case notFound = "404 Not Found"
        case methodNotAllowed = "405 Method Not Allowed"
        case lengthRequired = "411 Length Required"
        case contentTooLarge = "413 Content Too Large"
        case unsupportedMediaType = "415 Unsupported Media Type"
        case misdirected = "421 Misdirected Request"
        case headTooLarge = "431 Request Header Fields Too Large"
        case failure = "500 Internal Server Error"
        case unavailable = "503 Service Unavailable"
        case tooLate = "504 Gateway Timeout"
    }

    var status: Status
    var type: String
    var body: Data
    /// Further headers, e.g. `Allow`.
    var headers: [String: String] = [:]

    init(_ body: Data, type: String, headers: [String: String] = [:]) {
        (status, self.type, self.body, self.headers) = (.ok, type, body, headers)
    }

    /// A picture that stays what it is under its address.
    init(png: Data) {
        self.init(png, type: "image/png", headers: ["Cache-Control": "private, max-age=86400"])
    }

    /// A line of text, by default the status itself.
    package init(status: Status, text: String? = nil, headers: [String: String] = [:]) {
        self.status = status
        type = "text/plain; charset=utf-8"
        body = Data("\(text ?? status.rawValue)\n".utf8)
        self.headers = headers
    }

    /// A value as JSON.
    package init(json value: some Encodable) throws {
        self.init(try StatusReport.encoder.encode(value), type: "application/json")
    }

    /// What goes over the line.
    ///
    /// - Parameter withBody: false for the answer to `HEAD`.
    func bytes(withBody: Bool) -> Data {
        let all = Self.always.merging(headers) { _, own in own }
            .merging(["Content-Type": type, "Content-Length": "\(body.count)"]) { _, own in own }
        let lines = ["HTTP/1.1 \(status.rawValue)"] + all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return Data((lines + ["", ""]).joined(separator: "\r\n").utf8) + (withBody ? body : Data())
    }

    /// The page uses nothing but its own files, is shown in no frame of others, and tells nobody where it stands.
    private static let always = [
        "Cache-Control": "no-store",
        "Connection": "close",
        "Content-Security-Policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    ]
}
