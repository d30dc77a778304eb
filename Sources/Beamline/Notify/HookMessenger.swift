internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

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
