import Foundation
import Testing

/// Wrong command lines and configurations end with exit code 2.
@Suite struct BadUsageTests {
    @Test(arguments: [
        (["inpaint", "--nonsense", "scan.h5"], "--nonsense"),
        (["inpaint"], "input"),
        (["inpaint", "scan.h5", "--threads", "-1"], "--threads: expected 0 (all cores) or more, found -1"),
        (["inpant", "scan.h5"], "did you mean `inpaint`?"),
        (["inpaint", "scan.h5", "--threads", "many"], "many"),
        (["inpaint", "scan.h5", "--method", "magic"], "magic"),
        (["conjure"], "conjure"),
        (["simulate", "--output", "/tmp/never", "--atoms", "Fe"], "Pt"),
        (["simulate", "--output", "/tmp/never", "--size", "10"], "--atoms"),
        (["evaluate", "patches", "--output", "/tmp/never", "--atoms", "--data", "scan.h5"], "--atoms"),
        (["watch"], "--config"),
        (["retry"], "--failed"),
    ])
    func wrongUsageIsNamed(arguments: [String], says: String) async throws {
        let result = try await LacunaProcess.run(LacunaProcess.executable, arguments)
        report("`lacuna \(arguments.joined(separator: " "))`", result, directory: LacunaProcess.package)
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.errors.contains(says) && result.output.isEmpty, "\(result.errors)")
    }

    @Test(arguments: [
        "", "inpaint", "inspect", "mask", "detectors", "simulate", "evaluate", "watch", "status", "retry",
    ])
    func helpIsNoFailure(command: String) async throws {
        let result = try await LacunaProcess.run(LacunaProcess.executable, [command, "--help"].filter { !$0.isEmpty })
        #expect(result.status == 0 && result.output.contains("USAGE") && result.errors.isEmpty)
    }

    @Test(arguments: [
        (
            "unknown key", "version: 1\nwatch: [{path: /tmp}]\nprocesing: {threads: 1}\n",
            ["lacuna.yaml:3", "procesing"]
        ),
        (
            "wrong type", "version: 1\nwatch: [{path: /tmp}]\nprocessing: {threads: many}\n",
            ["lacuna.yaml:3", "threads"]
        ),
        (
            "impossible value", "version: 1\nwatch: [{path: /tmp, settle_seconds: -1}]\n",
            ["lacuna.yaml:2", "settle_seconds"]
        ),
        ("relative path", "version: 1\nwatch: [{path: data}]\n", ["lacuna.yaml:2", "path", "absolute"]),
        ("no tree", "version: 1\nwatch: []\n", ["lacuna.yaml:2", "watch"]),
        ("no YAML", "version: [1\n", ["lacuna.yaml"]),
        ("empty", "", ["lacuna.yaml"]),
        (
            "state directory below a file", "version: 1\nwatch: [{path: /tmp}]\nstate: {directory: /dev/null/state}\n",
            ["/dev/null/state"]
        ),
        (
            "socket in a missing directory",
            """
            version: 1
            watch: [{path: /tmp/none}]
            detectors: {directories: [DETECTORS]}
            state: {directory: STATE}
            status: {socket: /dev/null/x.sock}
            """,
            ["/dev/null/x.sock"]
        ),
    ])
    func aFaultyConfigurationIsNamed(name: String, text: String, says: [String]) async throws {
        try await withTemporaryDirectory { root in
            let file = root.appending(path: "lacuna.yaml")
            let text = text.replacing("STATE", with: root.path(percentEncoded: false) + "/state")
                .replacing("DETECTORS", with: LacunaProcess.package.appending(path: "Config/detectors").plainPath)
            try Data(text.utf8).write(to: file)
            let result = try await LacunaProcess.run("watch", "--once", "--config", file.path(percentEncoded: false))
            report("configuration: \(name)", result, directory: root)
            #expect(result.status == 2, "\(result.errors)")
            #expect(result.errors.hasPrefix("lacuna: ") && result.errors.dropLast().allSatisfy { !$0.isNewline })
            for fragment in says { #expect(result.errors.contains(fragment), "\(result.errors)") }
        }
    }

    @Test func aConfigurationThatIsNotThereIsNamed() async throws {
        let result = try await LacunaProcess.run("watch", "--config", "/nonexistent/lacuna.yaml")
        report("configuration: not there", result, directory: LacunaProcess.package)
        #expect(result.status == 2 && result.errors.contains("/nonexistent/lacuna.yaml"), "\(result.errors)")
    }

    /// Whoever has a daemon of their own and forgets to name it finds out how.
    @Test(arguments: [["status"], ["retry", "--failed"], ["pause"], ["resume"], ["submit", "/dev/null"], ["doctor"]])
    func commandsSayWhichConfigurationTheyLookedFor(arguments: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let missing = directory.appending(path: "lacuna.yaml").plainPath
            let run = try await LacunaProcess.run(LacunaProcess.executable, arguments + ["--config", missing])
            let words = run.errors + run.output
            #expect(run.status == (arguments == ["doctor"] ? 1 : 2), "\(words)")
            #expect(words.contains("\(missing): no such configuration; --config names another"), "\(words)")
        }
    }

    @Test(arguments: [["status"], ["status", "--file", "/data/a.h5"], ["retry", "--failed"]])
    func withoutADaemonAndALedgerCommandsSaySoInWords(arguments: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            let run = try await LacunaProcess.run(
                LacunaProcess.executable, arguments + ["--config", daemon.configuration.plainPath])
            #expect(run.status == 1)
            #expect(run.errors.contains("none has left a ledger in \(directory.plainPath)/state"), "\(run.errors)")
            #expect(run.errors.contains("--config names") && !run.errors.contains("SQLite"), "\(run.errors)")
        }
    }

    @Test(.enabled(if: Nobody.isPossible, "no other user can be taken on"))
    func aStateDirectoryThatCannotBeWrittenToIsNamed() async throws {
        try await withTemporaryDirectory { root in
            let state = root.appending(path: "state").path(percentEncoded: false)
            let text = "version: 1\nwatch: [{path: /tmp}]\nstate: {directory: \(state)}\n"
            try Data(text.utf8).write(to: root.appending(path: "lacuna.yaml"))
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
            chmod(state, 0o555)
            let (executable, arguments) = Nobody.command(
                ["watch", "--config", root.appending(path: "lacuna.yaml").path(percentEncoded: false)])
            let result = try await LacunaProcess.run(executable, arguments)
            report("configuration: state directory without permission", result, directory: root)
            #expect(result.status == 2 && result.errors.contains("Permission denied"), "\(result.errors)")
        }
    }

    private func report(_ name: String, _ result: LacunaProcess.Result, directory: URL) {
        let index = 2000 + name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff }
        BadInputReport.add(name, at: index, code: result.status, message: result.errors, directory: directory)
    }
}
