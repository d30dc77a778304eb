internal import Conventions
internal import Foundation
internal import Subprocess
internal import WorkMessages

/// Talks to Slurm by its own commands, which know the site's configuration and speak its version.
struct SlurmClient: Sendable {
    /// A command that takes longer is given up; slurmctld may hang.
    private static let limit = Duration.seconds(60)

    /// Submits a batch.
    ///
    /// - Returns: the number of the job.
    /// - Throws: ``Refusal``. Slurm may have accepted it all the same, where its answer came too late.
    func submit(_ batch: SlurmBatch) async throws(Refusal) -> String {
        let answer = await run("sbatch", batch.arguments, input: batch.script)
        guard answer.isDone else { throw Refusal(reason: answer.complaint) }
        // “job;cluster” where there are several clusters.
        return String(answer.output.prefix { $0.isNumber })
    }

    /// What squeue(1) knows of the tasks of batches, those that ended a few minutes ago included; `nil` where slurmctld
    /// does not answer.
    func tasks(of batches: Set<String>) async throws(Refusal) -> [SlurmPlace: SlurmTask] {
        let answer = await run(
            "squeue",
            [
                "--name=\(batches.sorted().joined(separator: ","))", "--states=all", "--array", "--noheader",
                "--format=%j|%F|%K|%T|%r",
            ])
        guard answer.isDone else { throw Refusal(reason: answer.complaint) }
        var tasks: [SlurmPlace: SlurmTask] = [:]
        for line in answer.output.split(separator: "\n") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 5, let task = Int(fields[2]) else { continue }
            tasks[SlurmPlace(batch: fields[0], task: task)] = SlurmTask(
                id: "\(fields[1])_\(task)", state: fields[3], reason: fields[4])
        }
        return tasks
    }

    /// How a task ended as sacct(1) remembers it; `nil` where the site keeps no accounts, or nothing of it is in them.
    func remembered(_ place: SlurmPlace) async -> SlurmTask? {
        let answer = await run(
            "sacct",
            [
                "--name=\(place.batch)", "--starttime=now-30days", "--allocations", "--noheader", "--parsable2",
                "--format=JobID,State",
            ])
        return SlurmTask(remembering: place, in: answer.output)
    }

    func cancel(_ id: String) async {
        _ = await run("scancel", [id])
    }

    /// Why Slurm did not do what it was asked, in its own words.
    struct Refusal: Error, Equatable {
        var reason: String
    }

    private struct Answer {
        var isDone: Bool
        var output: String
        var complaint: String
    }

    private func run(_ program: String, _ arguments: [String], input: String = "") async -> Answer {
        do {
            let result = try await withTimeLimit(Self.limit) {
                try await Subprocess.run(
                    .name(program), arguments: Arguments(arguments), input: .string(input),
                    output: .string(limit: 1 << 22), error: .string(limit: 1 << 16))
            }
            guard let result else {
                return Answer(isDone: false, output: "", complaint: "\(program) did not end within \(Self.limit)")
            }
            let complaint = result.standardError.split(whereSeparator: \.isNewline).last.map(String.init)
            return Answer(
                isDone: result.terminationStatus == .exited(0), output: result.standardOutput,
                complaint: complaint ?? "\(program) failed without a word")
        } catch {
            return Answer(isDone: false, output: "", complaint: "\(program) cannot be run: \(error)")
        }
    }
}

/// Scans that are submitted together, as one job array with a task for each.
struct SlurmBatch {
    let name: String
    /// With their tickets, in the order of the tasks.
    let jobs: [InpaintJob]
    /// The `lacuna` that the nodes run.
    let executable: String
    let settings: SlurmSettings

    init(_ jobs: [InpaintJob], executable: String, settings: SlurmSettings) {
        name = "lacuna-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        self.jobs = jobs
        self.executable = executable
        self.settings = settings
    }

    func place(_ index: Int) -> SlurmPlace { SlurmPlace(batch: name, task: index + 1) }

    /// The arguments of sbatch(1), which reads the script from its standard input.
    var arguments: [String] {
        let spool = SlurmSpool(directory: settings.directory)
        var arguments = [
            "--parsable", "--job-name=\(name)", "--array=1-\(jobs.count)", "--nodes=1", "--ntasks=1",
            // The daemon decides what is tried again, and tells it.
            "--no-requeue",
            "--output=\(spool.logPattern)", "--chdir=\(settings.directory)",
        ]
        if let processing = jobs.first?.settings {
            arguments.append("--mem=\(processing.memoryLimitMiB + ProcessingSettings.memoryAllowanceMiB)M")
            if processing.threads > 0 { arguments.append("--cpus-per-task=\(processing.threads)") }
        }
        if let partition = settings.partition { arguments.append("--partition=\(partition)") }
        if let account = settings.account { arguments.append("--account=\(account)") }
        return arguments + settings.options
    }

    /// The script of the array.
    var script: String {
        let spool = SlurmSpool(directory: settings.directory)
        let cases = jobs.enumerated().map { index, job in
            let place = place(index)
            let files = [spool.job(job.ticket, at: place), spool.events(job.ticket, at: place)]
            return "\(index + 1)) set -- \(files.map(Shell.quoted).joined(separator: " ")) ;;"
        }
        return """
            #!/bin/sh
            # Written by lacuna: each task of the array inpaints one scan.
            export HDF5_USE_FILE_LOCKING=FALSE
            case $SLURM_ARRAY_TASK_ID in
            \(cases.joined(separator: "\n"))
            esac
            exec \(Shell.quoted(executable)) child inpaint --events-file "$2" < "$1"

            """
    }
}
