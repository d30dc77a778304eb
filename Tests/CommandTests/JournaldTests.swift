import Foundation
import Testing

/// The journal as systemd's own library sends to it: a datagram socket under /run, here one of the test's own, which a
/// mount namespace puts there.
@Suite struct JournaldTests {
    private static let namespace = ["--mount"] + (geteuid() == 0 ? [] : ["--map-root-user"])

    static let isPossible: Bool = {
        let result = try? LacunaProcess.runNow(
            URL(filePath: "/usr/bin/unshare"), namespace + ["mount", "-t", "tmpfs", "none", "/run"])
        return result?.status == 0
    }()

    @Test(.enabled(if: JournaldTests.isPossible, "mount namespaces are not permitted"))
    func theJournalGetsEveryLineWithItsFields() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            let socket = try Listener(at: directory.appending(path: "journal.d"))
            let errors = directory.appending(path: "errors")
            let script = """
                mount -t tmpfs none /run && mkdir -p /run/systemd/journal
                mount --bind '\(directory.plainPath)/journal.d' /run/systemd/journal
                exec 2> '\(errors.plainPath)'
                export JOURNAL_STREAM="$(stat -c %d:%i '\(errors.plainPath)')"
                exec '\(LacunaProcess.executable.plainPath)' watch --once --config '\(daemon.configuration.plainPath)'
                """
            let result = try await LacunaProcess.run(
                URL(filePath: "/usr/bin/unshare"), Self.namespace + ["sh", "-c", script])
            let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            #expect(result.status == 0, "\(result.errors)\(said)")
            let lines = socket.received().map { Set($0.split(separator: "\n").map(String.init)) }
            let ready = try #require(
                lines.first { $0.contains("MESSAGE=watching \(daemon.data.plainPath)") }, "\(lines) \(said)")
            #expect(ready.isSuperset(of: ["PRIORITY=5", "SYSLOG_IDENTIFIER=lacuna"]))
            #expect(ready.contains { $0.hasPrefix("MESSAGE_ID=") && $0.count == 43 })
            #expect(lines.contains { $0.contains("MESSAGE=stopped") })
            #expect(!said.contains("watching"))
        }
    }

    @Test func withoutAJournalTheSameLinesGoToStandardError() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            let result = try await daemon.run("watch", "--once")
            #expect(result.status == 0)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.contains { $0.hasSuffix(" notice watching \(daemon.data.plainPath)") }, "\(result.errors)")
            #expect(lines.contains { $0.hasSuffix(" notice stopped") })
        }
    }

    /// A datagram socket in a directory of its own.
    private final class Listener {
        private let descriptor: Int32

        init(at directory: URL) throws {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = Array(directory.appending(path: "socket").plainPath.utf8)
            try #require(path.count < MemoryLayout.size(ofValue: address.sun_path))
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0)
        }

        deinit { close(descriptor) }

        /// All that has come.
        func received() -> [String] {
            var texts: [String] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
                texts.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
            return texts
        }
    }
}
