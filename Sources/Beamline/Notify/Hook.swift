internal import Foundation
internal import Settings
internal import StatusSite
public import WorkMessages

/// Whom the daemon tells of scans that ended: one entry of `notify`.
public struct Hook: Sendable, Equatable {
    public enum Target: Sendable, Equatable {
        /// A program with its arguments, which gets the notice on its standard input; no shell.
        case command([String])
        /// The notice is posted there.
        case url(host: String, port: UInt16, path: String)
    }

    public var target: Target
    /// Of which ends it is told.
    public var states: Set<ScanState> = Self.usualStates
    /// A target that takes longer is given up for now.
    public var timeoutSeconds = 10.0

    private static let usualStates: Set<ScanState> = [.done, .failed, .quarantined]

    public init(_ target: Target) {
        self.target = target
    }

    /// What tells it from others; the ledger keeps by it how far it was told.
    var name: String {
        switch target {
        case .command(let words): words.joined(separator: " ")
        case .url(let host, let port, let path): "http://\(HostAndPort(host: host, port: port))\(path)"
        }
    }

    static func list(_ value: SettingsValue) throws(SettingsError) -> [Hook] {
        var hooks: [Hook] = []
        for element in try value.list() {
            let hook = try element.mapping { (keys: inout SettingsMapping) throws(SettingsError) in
                try Hook(&keys, of: element)
            }
            guard !hooks.contains(where: { $0.name == hook.name }) else {
                throw element.error("\(hook.name) is there twice")
            }
            hooks.append(hook)
        }
        return hooks
    }

    private init(_ keys: inout SettingsMapping, of element: SettingsValue) throws(SettingsError) {
        switch (keys["command"], keys["url"]) {
        case (let command?, nil): self.init(.command(try Self.words(command)))
        case (nil, let url?): self.init(try Self.target(url))
        default: throw element.error("needs either command or url")
        }
        if let value = keys["states"] {
            states = []
            for element in try value.list() { states.insert(try element.choice()) }
            guard !states.isEmpty else { throw value.error("the list is empty") }
        }
        if let value = keys["timeout_seconds"] { timeoutSeconds = try value.number(in: 0.1...600) }
    }

    private static func words(_ value: SettingsValue) throws(SettingsError) -> [String] {
        var words: [String] = []
        for word in try value.list() { words.append(try word.string()) }
        guard let program = words.first, program.hasPrefix("/") else {
            throw value.error("is a list of words, the first of which is the absolute path of a program")
        }
        return words
    }

    private static func target(_ value: SettingsValue) throws(SettingsError) -> Target {
        let text = try value.string()
        guard let url = URL(string: text), url.scheme == "http", let host = url.host(percentEncoded: false),
            !host.isEmpty, url.user == nil, url.fragment == nil, let port = UInt16(exactly: url.port ?? 80)
        else {
            throw value.error(
                "“\(text)” is not an address like http://host:8080/path; for https, have a command call it")
        }
        let path = url.path(percentEncoded: true)
        let query = url.query(percentEncoded: true).map { "?" + $0 } ?? ""
        return .url(host: host, port: port, path: (path.isEmpty ? "/" : path) + query)
    }
}
