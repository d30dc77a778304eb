internal import Foundation
internal import WorkMessages

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
    }

    var status: Status
    var type: String
    var body: Data
    /// Further headers, e.g. `Allow`.
    var headers: [String: String] = [:]

    init(_ body: Data, type: String, headers: [String: String] = [:]) {
        (status, self.type, self.body, self.headers) = (.ok, type, body, headers)
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
