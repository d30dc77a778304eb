import Foundation
import StatusSite
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// Hooks that are told of scans, with real programs and a real server as targets.
@Suite struct NotifierTests {
    /// A notice as a target reads it.
    private struct Told: Decodable {
        struct Scan: Decodable {
            var file: String
            var state: String
        }

        var id: Int64
        var scan: Scan
    }

    /// A program that adds its standard input to a file, after a first try that may fail.
    private static func listener(in directory: TemporaryDirectory, first line: String = "") throws -> Hook {
        let script = try directory.write(
            "listen", "#!/bin/sh\n\(line)\n{ tr '\\n' ' '; echo; } >>\(directory.path)/told\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        var hook = Hook(.command([script]))
        // On a busy machine a shell may take longer to begin than a target usually may, and would be told twice.
        hook.timeoutSeconds = 600
        return hook
    }

    private static func told(_ directory: TemporaryDirectory) -> [Told] {
        let text = (try? String(contentsOfFile: "\(directory.path)/told", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Told.self, from: Data($0.utf8)) }
    }

    private static func settle(_ ledger: Ledger, _ file: String, _ state: ScanState) async throws {
        var record = ScanRecord(file: file, entry: "/entry", state: .ready, at: Date())
        record = try await ledger.save(record)
        record.state = .processing
        record = try await ledger.save(record)
        record.state = state
        try await ledger.save(record)
    }

    @Test func aProgramIsToldOfEachEndOnceAndInOrder() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try Ledger(directory: directory.path)
        try await Self.settle(ledger, "/data/before.npz", .done)
        let notifier = Notifier(ledger: ledger, journal: RecordingSink().journal)
        let hook = try Self.listener(in: directory)
        await notifier.use([hook])
        try await Self.settle(ledger, "/data/1.npz", .done)
        try await Self.settle(ledger, "/data/2.npz", .skipped)
        try await Self.settle(ledger, "/data/3.npz", .quarantined)
        try await eventually("the hook is told") {
            try await ledger.nextNotice(for: hook.name, states: hook.states) == nil
        }
        await notifier.end()

        // Another daemon goes on where this one ended.
        try await Self.settle(ledger, "/data/4.npz", .done)
        let next = Notifier(ledger: ledger, journal: RecordingSink().journal)
        await next.use([hook])
        try await eventually("the hook is told") { Self.told(directory).count == 3 }
        await next.end()
        let told = Self.told(directory)
        #expect(told.map(\.scan.file) == ["/data/1.npz", "/data/3.npz", "/data/4.npz"])
        #expect(told.map(\.scan.state) == ["done", "quarantined", "done"])
        #expect(told.map(\.id) == told.map(\.id).sorted())
    }

    @Test func aTargetThatHangsKeepsNoOtherWaitingAndLosesNothing() async throws {
        let directory = try TemporaryDirectory()
        let slow = try TemporaryDirectory()
        let ledger = try Ledger(directory: directory.path)
        let sink = RecordingSink()
        let notifier = Notifier(ledger: ledger, journal: sink.journal)
        // Hangs once, with a child that ignores the request to end.
        var hanging = try Self.listener(
            in: slow, first: "[ -e \(slow.path)/tried ] || { touch \(slow.path)/tried; trap '' TERM; sleep 60; }")
        hanging.timeoutSeconds = 2
        await notifier.use([hanging, try Self.listener(in: directory)])
        try await Self.settle(ledger, "/data/1.npz", .done)
        try await eventually("the hook is told") { Self.told(directory).count == 1 }
        // One line says that it does not answer, one that it does again.
        try await eventually("the hook is told") { sink.count(.hookTrouble) == 2 }
        await notifier.end()
        // On a busy machine it may be told twice; what was lost would be missing.
        #expect(Set(Self.told(slow).map(\.scan.file)) == ["/data/1.npz"])
    }

    @Test func aTargetThatRefusesIsAskedThreeTimes() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try Ledger(directory: directory.path)
        let sink = RecordingSink()
        let notifier = Notifier(ledger: ledger, journal: sink.journal)
        let hook = try Self.listener(in: directory, first: "echo x >>\(directory.path)/asked; grep -q /1.npz && exit 1")
        await notifier.use([hook])
        try await Self.settle(ledger, "/data/1.npz", .done)
        try await eventually("the hook is told") {
            try await ledger.nextNotice(for: hook.name, states: hook.states) == nil
        }
        await notifier.end()
        let asked = try String(contentsOfFile: "\(directory.path)/asked", encoding: .utf8)
        #expect(asked.split(separator: "\n").count == Notifier.refusals)
        #expect(sink.count(.hookTrouble) == 2)
    }

    @Test func anAddressGetsThePost() async throws {
        let port = UInt16.random(in: 20_000..<32_000)
        let server = Task {
            let listener = WebListener { request in
                let isWanted = request.method == "POST" && request.path == "/notices" && request.body == Data("{}".utf8)
                return isWanted ? WebResponse(status: .ok, text: "") : WebResponse(status: .notFound)
            }
            try await listener.run(at: try HostAndPort(host: "localhost", port: port).socketAddress())
        }
        defer { server.cancel() }
        let messenger = HookMessenger()
        let hook = Hook(.url(host: "localhost", port: port, path: "/notices"))
        try await eventually("the hook is told") { await messenger.deliver(Data("{}".utf8), to: hook) == .taken }
        let other = Hook(.url(host: "127.0.0.1", port: port, path: "/other"))
        #expect(await messenger.deliver(Data("{}".utf8), to: other) == .refused("answers 404"))
        let nobody = Hook(.url(host: "127.0.0.1", port: 1, path: "/"))
        guard case .silent = await messenger.deliver(Data("{}".utf8), to: nobody) else {
            Issue.record("an address at which nobody listens took a notice")
            return
        }
    }

    @Test(arguments: [
        ("[{command: [tell]}]", "absolute path"), ("[{url: \"https://a/\"}]", "https"),
        ("[{}]", "either command or url"),
        ("[{command: [/a], url: \"http://a/\"}]", "either"), ("[{command: [/a], states: [finished]}]", "finished"),
        ("[{command: [/a]}, {command: [/a]}]", "twice"), ("[{url: \"http://me@a/\"}]", "not an address"),
    ])
    func faultsOfTheConfigurationAreNamed(text: String, expected: String) throws {
        let yaml = "version: 1\nwatch: [{path: /data}]\nnotify: \(text)\n"
        do {
            _ = try Configuration(yaml: yaml, file: "lacuna.yaml")
            Issue.record("taken: \(text)")
        } catch {
            #expect("\(error)".contains(expected) && "\(error)".contains("notify"), "\(error)")
        }
    }

    @Test func hooksAreRead() throws {
        let yaml = """
            version: 1
            watch: [{path: /data}]
            notify:
              - {command: [/usr/bin/tell, --scan], states: [done], timeout_seconds: 2}
              - {url: "http://bliss:8080/lacuna?a=b"}
            """
        let hooks = try Configuration(yaml: yaml, file: "lacuna.yaml").hooks
        #expect(hooks.map(\.name) == ["/usr/bin/tell --scan", "http://bliss:8080/lacuna?a=b"])
        #expect(hooks.map(\.timeoutSeconds) == [2, 10])
        #expect(hooks[0].states == [.done])
    }
}
