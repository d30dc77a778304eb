import Foundation
import TestSupport
import Testing

/// `lacuna doctor` as the user of the service runs it.
@Suite struct DoctorTests {
    private struct Diagnosis: Decodable {
        struct Finding: Decodable {
            var check: String
            var subject: String
            var level: String
            var message: String
            var remedy: String?
        }

        var healthy: Bool
        var findings: [Finding]

        subscript(check: String) -> [Finding] { findings.filter { $0.check == check } }
    }

    /// What the doctor says, asked as a user with no rights but those of the files.
    private func diagnose(_ configuration: URL) async throws -> (diagnosis: Diagnosis, status: Int32) {
        let (program, arguments) = Nobody.command(["doctor", "--json", "--config", configuration.plainPath])
        let result = try await LacunaProcess.run(program, arguments)
        return (try JSONDecoder().decode(Diagnosis.self, from: Data(result.output.utf8)), result.status)
    }

    @Test(.enabled(if: Nobody.isPossible))
    func eachFaultIsNamedWithTheCommandThatMendsIt() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            let state = directory.appending(path: "state")
            let locked = daemon.data.appending(path: "run 1/locked")
            for made in [state, locked] {
                try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
            }
            try Nobody.own(directory)

            let sound = try await diagnose(daemon.configuration).diagnosis
            // The clock of a container may be nobody's, which is not this program's to mend.
            let ill = sound.findings.filter { $0.level == "problem" && $0.check != "clock" }
            #expect(ill.isEmpty, "\(ill)")
            #expect(sound["tree"].first?.message.hasPrefix("3 directories and 0 files on ") == true)
            #expect(sound["weights"].first?.message.hasSuffix("whose hash is the stated one") == true)
            #expect(sound["daemon"].first?.remedy == "lacuna watch --config \(daemon.configuration.plainPath)")
            #expect(!sound.findings.contains { $0.remedy?.contains("systemctl") ?? false || $0.check == "unit" })

            #expect(chmod(locked.plainPath, 0o000) == 0)
            #expect(chmod(state.plainPath, 0o500) == 0)
            let (sick, status) = try await diagnose(daemon.configuration)
            #expect(chmod(locked.plainPath, 0o700) == 0)
            #expect(status == 1 && !sick.healthy)
            #expect(sick["tree"].first?.message.contains("cannot list or read \(locked.plainPath)") == true)
            #expect(sick["tree"].first?.remedy?.hasPrefix("sudo setfacl -R -m u:") == true)
            #expect(sick["output"].first?.level == "problem")
            #expect(sick["state"].first?.remedy?.hasPrefix("sudo install -d -o ") == true)
        }
    }

    @Test func aFaultyConfigurationIsTheOnlyFinding() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            try daemon.configure(watch: "settle_seconds: never")
            let result = try await daemon.run("doctor")
            #expect(result.status == 1)
            #expect(result.output.hasPrefix("✗ configuration \(daemon.configuration.plainPath): "))
            #expect(result.output.contains("lacuna.yaml:3: watch[0].settle_seconds"))
            let unknown = try await daemon.run("doctor", "--user", "no-such-user")
            #expect(unknown.status == 2 && unknown.errors.contains("no user no-such-user"))
        }
    }

    @Test func whatOthersHoldAndWhatWaitsForAPersonIsFound() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(
                in: directory.appending(path: "first"), watch: "settle_seconds: 0", rest: "retries: {attempts: 1}")
            try Data("garbage".utf8).write(to: daemon.data.appending(path: "bad.h5"))
            try await daemon.startAndWait()
            try await eventually("it is quarantined") { daemon.count(of: " quarantined ") == 1 }
            let own = try await daemon.run("doctor")
            #expect(own.output.contains("! scans quarantined: 1; lacuna status says why\n    lacuna retry --failed"))
            #expect(!own.output.contains("is in use"), "\(own.output)")
            #expect(own.output.contains("! detectors \(directory.plainPath)/first/detectors.d: is not there"))

            // Another daemon that is to watch the same tree with a detector that nobody knows.
            let other = try RestartableDaemon(in: directory.appending(path: "second"))
            try other.configure(roots: [daemon.data], watch: "detectors: [nonesuch]")
            let result = try await other.run("doctor")
            let process = daemon.process?.processIdentifier ?? 0
            #expect(result.status == 1)
            #expect(
                result.output.contains("✗ tree \(daemon.data.plainPath): is in use by process \(process) ("),
                "\(result.output)")
            #expect(result.output.contains("no detector is called “nonesuch”"))
        }
    }

    /// Two configurations with one state directory: the one that has it works, the other one must not seem to.
    @Test func aStateDirectoryOfAnotherDaemonIsToldWithItsProcess() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            try await daemon.startAndWait()
            let other = directory.appending(path: "other.yaml")
            try String(contentsOf: daemon.configuration, encoding: .utf8).replacing("/socket", with: "/socket2")
                .write(to: other, atomically: true, encoding: .utf8)
            let run = try await LacunaProcess.run("doctor", "--config", other.plainPath)
            let process = daemon.process?.processIdentifier ?? 0
            #expect(run.status == 1)
            let words = "✗ state \(directory.plainPath)/state: is in use by process \(process) (lacuna, user "
            #expect(run.output.contains(words), "\(run.output)")
            #expect(run.output.contains("the daemon of \(daemon.configuration.plainPath); this one needs its own"))
            #expect(run.output.contains("! daemon lacuna: does not run\n    lacuna watch --config \(other.plainPath)"))
            #expect(try await daemon.run("doctor").output.contains("✓ daemon lacuna: runs"))
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting is not permitted"))
    func onAFileSystemThatIsReadOnlyNoRightsAreAskedFor() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try SmallDisk(at: directory.appending(path: "disk"), kibibytes: 64, isReadOnly: true)
            let (place, file) = (disk.directory.plainPath, directory.appending(path: "l.yaml").plainPath)
            try """
            version: 1
            watch: [{path: \(directory.plainPath)/data, output: \(place)/out}, {path: \(place)}]
            state: {directory: \(place)/state}
            status: {socket: \(directory.plainPath)/socket, http: "off"}
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let result = try await LacunaProcess.run("doctor", "--json", "--config", file)
            let diagnosis = try JSONDecoder().decode(Diagnosis.self, from: Data(result.output.utf8))
            let found = diagnosis.findings.filter { $0.message.contains("mounted read-only; choose another directory") }
            #expect(found.map(\.check) == ["state", "output", "output"], "\(result.output)")
            #expect(found.allSatisfy { $0.remedy?.contains("editor \(file)") == true })
            #expect(!diagnosis.findings.contains { $0.remedy?.contains(/install -d|setfacl/) == true })
            withExtendedLifetime(disk) {}
        }
    }

    @Test func aFaultyConfigurationHidesNothingOfARunningDaemon() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory, watch: "settle_seconds: 0")
            try await daemon.startAndWait()
            try daemon.configure(watch: "settle_seconds: never")
            let doctor = try await daemon.run("doctor")
            #expect(doctor.status == 1 && doctor.output.contains("lacuna.yaml:3: watch[0].settle_seconds"))
            #expect(doctor.output.contains("is in force still") && doctor.output.contains("✓ daemon lacuna: runs"))
            let status = try await daemon.run("status")
            #expect(status.status == 0 && status.output.contains("process \(daemon.process?.processIdentifier ?? 0)"))
            #expect(status.errors.contains("watch[0].settle_seconds") && status.errors.contains("goes on with"))
        }
    }

    /// A stopped process holds all that a daemon holds, and answers nothing.
    @Test func aDaemonThatHangsOrIsPausedIsFound() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            try await daemon.startAndWait()
            #expect(try await daemon.run("pause").status == 0)
            let paused = try await daemon.run("doctor").output
            let resume = "lacuna resume --config \(daemon.configuration.plainPath)"
            #expect(paused.contains("! daemon lacuna: runs, but is paused: ") && paused.contains(resume), "\(paused)")

            let process = try #require(daemon.process?.processIdentifier)
            #expect(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            let diagnosis = try await daemon.run("doctor")
            let refusal = try await daemon.run("resume")
            #expect(diagnosis.status == 1 && diagnosis.output.contains("✗ daemon lacuna: runs as process \(process) ("))
            #expect(diagnosis.output.contains("but does not answer"))
            #expect(refusal.status != 0 && refusal.errors.contains("the daemon runs as process \(process) ("))
            #expect(refusal.errors.contains("but does not answer on \(directory.plainPath)/socket"))
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting is not permitted"))
    func aLedgerWithoutRoomIsFound() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try SmallDisk(at: directory.appending(path: "disk"), kibibytes: 512)
            let (place, file) = (disk.directory.plainPath, directory.appending(path: "l.yaml").plainPath)
            try """
            version: 1
            watch: [{path: \(directory.plainPath)}]
            state: {directory: \(place)}
            status: {socket: \(directory.plainPath)/socket, http: "off"}
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let result = try await LacunaProcess.run("doctor", "--config", file)
            #expect(result.output.contains("✗ state \(place): no space is left for the ledger"), "\(result.output)")
            withExtendedLifetime(disk) {}
        }
    }
}
