import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// What is told to Slurm and heard from it, without a cluster.
@Suite struct SlurmPartsTests {
    let directory: TemporaryDirectory
    private var spool: SlurmSpool { SlurmSpool(directory: directory.path + "/jobs") }
    private let place = SlurmPlace(batch: "lacuna-1a2b", task: 3)

    init() throws { directory = try TemporaryDirectory() }

    private func job(_ input: String, threads: Int, ticket: String = "7-x") -> InpaintJob {
        var settings = ProcessingSettings()
        settings.threads = threads
        return InpaintJob(input: input, scan: 2, output: "/out/o.h5", settings: settings, ticket: ticket)
    }

    @Test func eachTaskRunsItsScan() async throws {
        let jobs = directory.path + "/it's a \"$HOME\" `x`"
        let spool = SlurmSpool(directory: jobs)
        let settings = SlurmSettings(directory: jobs)
        let batch = SlurmBatch(
            ["/data/plain.h5", "/data/b.h5"].enumerated().map { job($1, threads: 0, ticket: "\($0)-t") },
            executable: try directory.write("pro gram", "#!/bin/sh\necho \"$@\"; cat\n"), settings: settings)
        chmod(batch.executable, 0o755)
        for (index, job) in batch.jobs.enumerated() {
            try spool.announce(job, at: batch.place(index))
            let shell = Process()
            shell.executableURL = URL(filePath: "/bin/sh")
            shell.arguments = ["-c", batch.script]
            shell.environment = ["SLURM_ARRAY_TASK_ID": "\(index + 1)", "PATH": "/usr/bin:/bin"]
            let output = Pipe()
            shell.standardOutput = output
            try shell.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            let lines = text.split(separator: "\n")
            try #require(lines.count == 2)
            #expect(lines[0] == "child inpaint --events-file \(spool.events("\(index)-t", at: batch.place(index)))")
            #expect(try JSONDecoder().decode(InpaintJob.self, from: Data(lines[1].utf8)) == job)
        }
    }

    @Test func whatIsAskedOfSlurmFollowsTheConfiguration() {
        var settings = SlurmSettings(directory: "/jobs/50%")
        settings.partition = "bm"
        settings.account = "id01"
        settings.options = ["--mem=0", "--time=5"]
        let batch = SlurmBatch([job("/a", threads: 3), job("/b", threads: 3)], executable: "/l", settings: settings)
        for word in [
            "--array=1-2", "--mem=6144M", "--cpus-per-task=3", "--partition=bm", "--account=id01", "--no-requeue",
            "--output=/jobs/50%%/%x_%a.log", "--job-name=\(batch.name)",
        ] { #expect(batch.arguments.contains(word), "\(word)") }
        #expect(batch.arguments.suffix(2) == ["--mem=0", "--time=5"])
    }

    @Test func aFileKeepsThePlaceOfItsScan() throws {
        #expect(spool.place(of: "7-x") == nil)
        try spool.announce(job("/a", threads: 1), at: place)
        try spool.announce(job("/a", threads: 1, ticket: "7-xy"), at: SlurmPlace(batch: "lacuna-1a2b", task: 4))
        #expect(spool.place(of: "7-x") == place)
        #expect(throws: (any Error).self) { try spool.announce(job("/a", threads: 1), at: place) }
        try directory.write("jobs/lacuna-1a2b_3.log", "noise\nslurmstepd: out of memory\n")
        #expect(spool.lastWords(at: place) == "slurmstepd: out of memory")
        spool.remove("7-x")
        let left = { try FileManager.default.contentsOfDirectory(atPath: spool.directory) }
        #expect(try Set(left()) == ["7-xy_lacuna-1a2b_4.events", "7-xy_lacuna-1a2b_4.job"])
        spool.sweep(keeping: ["7-xy"])
        #expect(try left().count == 2)
        spool.sweep(keeping: [])
        #expect(try left().isEmpty)
    }

    @Test func eventsAreReadLineByLineAndOnce() throws {
        try spool.announce(job("/a", threads: 1), at: place)
        let file = try FileHandle(forWritingTo: URL(filePath: spool.events("7-x", at: place)))
        let progress = WorkerEvent.progress(WorkProgress(stage: "inpaint", done: 1, total: 2))
        let line = try progress.line()
        var offset: UInt64 = 0
        #expect(spool.events("7-x", at: place, from: &offset) == [])
        try file.write(contentsOf: line + line.dropLast(5))
        #expect(spool.events("7-x", at: place, from: &offset) == [progress])
        #expect(spool.events("7-x", at: place, from: &offset) == [])
        try file.write(contentsOf: line.suffix(5))
        #expect(spool.events("7-x", at: place, from: &offset) == [progress])

        // The length of what is yet to come.
        try file.write(contentsOf: Data(count: line.count - 1) + Data("\n".utf8))
        #expect(spool.events("7-x", at: place, from: &offset) == [])
        try file.seek(toOffset: UInt64(2 * line.count))
        try file.write(contentsOf: line)
        #expect(spool.events("7-x", at: place, from: &offset) == [progress])
    }

    @Test(arguments: [
        ("PENDING", SlurmTask.Phase.waiting), ("SUSPENDED", .waiting), ("STATE OF THE FUTURE", .waiting),
        ("RUNNING", .running), ("COMPLETING", .running), ("COMPLETED", .ended), ("FAILED", .ended),
        ("CANCELLED", .cut), ("TIMEOUT", .cut), ("OUT_OF_MEMORY", .cut), ("NODE_FAIL", .interrupted),
        ("PREEMPTED", .interrupted),
    ])
    func states(state: String, phase: SlurmTask.Phase) {
        #expect(SlurmTask(id: "1_2", state: state, reason: "None").phase == phase)
        #expect(SlurmTask(id: "1_2", state: state, reason: "None").description == "job 1_2: \(state)")
    }

    /// sacct(1) knows how tasks ended that squeue(1) has forgotten.
    @Test func whatSlurmRemembersIsReadFromItsAccounts() {
        let accounts = "88_13|COMPLETED\n88_3|CANCELLED by 1000\n88_4|RUNNING\n88_5|NODE_FAIL\nnoise\n"
        func task(_ number: Int) -> SlurmTask? {
            SlurmTask(remembering: SlurmPlace(batch: "lacuna-1a2b", task: number), in: accounts)
        }
        #expect(task(3) == SlurmTask(id: "88_3", state: "CANCELLED", reason: ""))
        #expect(task(13)?.phase == .ended && task(5)?.phase == .interrupted)
        #expect(task(4) == nil && task(1) == nil)
    }
}
