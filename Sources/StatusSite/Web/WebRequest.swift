package import Foundation

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
