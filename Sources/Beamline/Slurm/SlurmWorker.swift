internal import WorkMessages

/// Looks at files on this machine and has scans inpainted by the nodes of a Slurm cluster.
struct SlurmWorker: ScanWorker {
    let looks: any ScanWorker
    let queue: SlurmQueue

    var outlivesDaemon: Bool { true }

    func inspect(_ path: String, settings: ProcessingSettings) async throws -> Inspection {
        try await looks.inspect(path, settings: settings)
    }

    func check(_ settings: ProcessingSettings) async throws -> Equipment {
        try await looks.check(settings)
    }

    func inpaint(
        _ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> InpaintReport {
        try await queue.inpaint(job, progress: progress)
    }

    func letGo() async { await queue.letGo() }

    func settled(_ job: InpaintJob) async { await queue.settled(job) }

    func sweep(keeping jobs: [InpaintJob]) async { await queue.sweep(keeping: jobs) }
}
