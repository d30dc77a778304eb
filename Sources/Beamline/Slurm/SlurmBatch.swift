internal import Foundation
internal import WorkMessages

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
