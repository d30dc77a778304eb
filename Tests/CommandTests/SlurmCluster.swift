import Foundation
import Subprocess
import TestSupport
import Testing

/// A real Slurm on this machine: munged, slurmctld without accounting, and two nodes of two processors.
final class SlurmCluster {
    /// Slurm's daemons want to be root, and come with Debian's slurm-wlm and munge.
    static let isPossible =
        geteuid() == 0
        && ["/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"]
            .allSatisfy(FileManager.default.isExecutableFile)

    static let nodes = ["n1", "n2"]

    private let directory: URL

    /// Starts it in a directory of its own and waits until both nodes are idle.
    init(in directory: URL) async throws {
        self.directory = directory
        let munge = directory.appending(path: "munge")
        try FileManager.default.createDirectory(at: munge, withIntermediateDirectories: true)
        let key = munge.appending(path: "key").plainPath
        try Data((0..<64).map { _ in UInt8.random(in: 0 ... .max) }).write(to: URL(filePath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: key)
        try Self.settings(in: directory).write(to: configuration, atomically: true, encoding: .utf8)

        let files = [("socket", "socket"), ("pid-file", "munged.pid"), ("log-file", "log"), ("seed-file", "seed")]
        try await start(
            "munged", ["--key-file=\(key)"] + files.map { "--\($0)=\(munge.appending(path: $1).plainPath)" })
        try await startController()
        for node in Self.nodes { try await start("slurmd", ["-N", node]) }
        while try await run("sinfo", "--noheader", "--states=idle", "--format=%D").output != "2\n" {
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    deinit {
        for name in Self.daemons { signal(name, SIGKILL) }
    }

    /// What programs need to talk to this cluster.
    var environment: [String: String] { ["SLURM_CONF": configuration.plainPath] }

    /// Runs one of Slurm's commands.
    func run(_ command: String, _ arguments: String...) async throws -> LacunaProcess.Result {
        let words = ["SLURM_CONF=\(configuration.plainPath)", command] + arguments
        return try await LacunaProcess.run(URL(filePath: "/usr/bin/env"), words)
    }

    /// The states of all tasks that were ever submitted, by their numbers, e.g. `12_3`.
    func tasks() async throws -> [String: String] {
        let result = try await run("squeue", "--states=all", "--array", "--noheader", "--format=%F_%K %T")
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(uniqueKeysWithValues: lines.map { ($0[0], $0[1]) })
    }

    /// Sets the state of a node.
    func update(_ node: String, state: String) async throws {
        let result = try await run("scontrol", "update", "NodeName=\(node)", "State=\(state)", "Reason=test")
        #expect(result.status == 0, "\(result.errors)")
    }

    func startController() async throws { try await start("slurmctld", []) }

    func stopController() async throws { try await end(["slurmctld"]) }

    /// Ends all jobs, then the cluster.
    func stop() async throws {
        _ = try await run("scancel", "--state=PENDING,RUNNING", "--full", "--user=root")
        try await Task.sleep(for: .milliseconds(200))
        try await end(Self.daemons)
    }

    private var configuration: URL { directory.appending(path: "slurm.conf") }

    /// In the order in which they end.
    private static let daemons = nodes + ["slurmctld", "munge/munged"]

    /// Starts a daemon, which goes into the background by itself.
    private func start(_ program: String, _ arguments: [String]) async throws {
        // By Subprocess, since Foundation hands down blocked signals, and a descriptor that must stay open.
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments(["/usr/sbin/\(program)"] + arguments),
            environment: .inherit.updating(["SLURM_CONF": configuration.plainPath]), input: .none,
            output: .discarded, error: .string(limit: 1 << 16))
        try #require(result.terminationStatus == .exited(0), "\(program): \(result.standardError)")
    }

    /// The process of a daemon by its file; `nil` where it has ended.
    private func process(_ name: String) -> Int32? {
        let file = directory.appending(path: "\(name).pid")
        guard let text = try? String(contentsOf: file, encoding: .utf8),
            let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            // One that has ended has no program, even where nobody has taken notice of its end.
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")) != nil
        else { return nil }
        return process
    }

    private func signal(_ name: String, _ number: Int32) {
        if let process = process(name) { kill(process, number) }
    }

    private func end(_ names: [String]) async throws {
        for name in names { signal(name, SIGTERM) }
        try await eventually("\(names) end") { names.allSatisfy { process($0) == nil } }
    }

    /// Without cgroups, which a container may lack, and with a scheduler that never waits.
    private static func settings(in directory: URL) throws -> String {
        // As gethostname(2) has it, by which slurmctld knows itself.
        let name = try String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
        let host = name.prefix { $0 != "." && !$0.isWhitespace }
        let path = directory.plainPath
        let port = Int.random(in: 20_000..<32_000)
        let nodes = nodes.enumerated().map { index, name in
            "NodeName=\(name) NodeHostname=\(host) NodeAddr=127.0.0.1 Port=\(port + 1 + index) CPUs=2 RealMemory=64000"
        }
        return """
            ClusterName=test
            SlurmctldHost=\(host)(127.0.0.1)
            SlurmctldPort=\(port)
            SlurmUser=root
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket=\(path)/munge/socket
            StateSaveLocation=\(path)/slurmctld
            SlurmctldPidFile=\(path)/slurmctld.pid
            SlurmctldLogFile=\(path)/slurmctld.log
            SlurmdSpoolDir=\(path)/%n
            SlurmdPidFile=\(path)/%n.pid
            SlurmdLogFile=\(path)/%n.log
            SlurmdParameters=config_overrides
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SwitchType=switch/none
            MpiDefault=none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
            MessageTimeout=8
            ReturnToService=2
            \(nodes.joined(separator: "\n"))
            PartitionName=main Nodes=ALL Default=YES State=UP

            """
    }
}
