internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import Settings
internal import StatusSite
internal import Subprocess
internal import SystemPackage
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

/// Brings notices to the targets of hooks.
struct HookMessenger: Sendable {
    /// How a target answered.
    enum Answer: Sendable, Equatable {
        case taken
        /// It does not want this notice.
        case refused(String)
        /// It cannot be reached, or did not answer in time.
        case silent(String)
    }

    func deliver(_ notice: Data, to hook: Hook) async -> Answer {
        do {
            let answer = try await withTimeLimit(.seconds(hook.timeoutSeconds)) {
                switch hook.target {
                case .command(let words): try await run(words, notice)
                case .url(let host, let port, let path): try await post(notice, host: host, port: port, path: path)
                }
            }
            return answer ?? .silent("no answer within \(hook.timeoutSeconds) seconds")
        } catch {
            return .silent("\(error)")
        }
    }

    /// Runs a program, which is killed where it outlasts its time; nothing that it prints is kept.
    private func run(_ words: [String], _ notice: Data) async throws -> Answer {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
        let result = try await Subprocess.run(
            .path(FilePath(words[0])), arguments: Arguments(Array(words.dropFirst())), platformOptions: options,
            input: .fileDescriptor(try Self.file(of: notice), closeAfterSpawningProcess: true),
            output: .discarded, error: .discarded)
        return switch result.terminationStatus {
        case .exited(0): .taken
        case .exited(let code): .refused("ended with code \(code)")
        case .signaled(let number): .refused("was ended by signal \(number)")
        }
    }

    /// A file without a name, which a program may read or not, when it likes.
    private static func file(of notice: Data) throws -> SystemPackage.FileDescriptor {
        let pattern = FileManager.default.temporaryDirectory.appending(path: "lacuna-notice-XXXXXX")
        var name = Array(pattern.path(percentEncoded: false).utf8CString)
        let number = mkstemp(&name)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        unlink(name)
        let descriptor = SystemPackage.FileDescriptor(rawValue: number)
        do {
            try descriptor.writeAll(notice)
            _ = try descriptor.seek(offset: 0, from: SystemPackage.FileDescriptor.SeekOrigin.start)
        } catch {
            try? descriptor.close()
            throw error
        }
        return descriptor
    }

    /// Redirections are not followed: the configuration names who is told.
    private func post(_ notice: Data, host: String, port: UInt16, path: String) async throws -> Answer {
        var client = HTTPClient()
        let request = HTTPRequest(
            method: .POST, version: .http11, path: path, query: [],
            headers: HTTPHeaders([
                .host: "\(host):\(port)", .contentLength: "\(notice.count)", .contentType: "application/json",
                .connection: "close",
            ]), body: HTTPBodySequence(data: notice))
        guard let address = await HostAddress.of(host, port: port) else {
            return .silent("\(host) is not known to the name service")
        }
        let code: Int
        switch address {
        case .ip4(let address): code = try await client.sendHTTPRequest(request, to: address).statusCode.code
        case .ip6(let address): code = try await client.sendHTTPRequest(request, to: address).statusCode.code
        }
        return switch code {
        case 200..<300: .taken
        case 300..<500: .refused("answers \(code)")
        default: .silent("answers \(code)")
        }
    }
}

/// The address of a host; asked anew for each notice, since hosts move.
private enum HostAddress: Sendable {
    case ip4(sockaddr_in)
    case ip6(sockaddr_in6)

    /// May take as long as the name servers do, on a thread that nothing else waits for.
    static func of(_ host: String, port: UInt16) async -> Self? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: find(host, port)) }
        }
    }

    private static func find(_ host: String, _ port: UInt16) -> Self? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = list else { return nil }
        defer { freeaddrinfo(first) }
        for info in sequence(first: first.pointee, next: { $0.ai_next?.pointee }) {
            guard let address = UnsafeRawPointer(info.ai_addr) else { continue }
            switch info.ai_family {
            case AF_INET: return .ip4(address.loadUnaligned(as: sockaddr_in.self))
            case AF_INET6: return .ip6(address.loadUnaligned(as: sockaddr_in6.self))
            default: continue
            }
        }
        return nil
    }
}
