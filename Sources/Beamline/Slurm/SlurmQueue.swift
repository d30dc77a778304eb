internal import Foundation
internal import WorkMessages

/// Submits scans to Slurm, those that come together as one job array, and follows each to its end.
///
/// A job's end is told by its file in the ``SlurmSpool``; Slurm is asked for all jobs at once, to learn of those that
/// cannot tell any more. While slurmctld does not answer, everything waits.
actor SlurmQueue {
    /// A scan that is to be submitted, or was.
    private struct Entry {
        let job: InpaintJob
        let tell: @Sendable (WorkProgress) -> Void
        let outcome: CheckedContinuation<InpaintReport, any Error>
        /// `nil` until it is submitted.
        var place: SlurmPlace?
        /// How far its file was read.
        var offset: UInt64 = 0
        /// What Slurm said last.
        var task: SlurmTask?
        /// Since when the job is over by Slurm's word, and has not told how.
        var silentSince: Date?
    }

    /// The spool lies on a shared file system, which may be slow to answer.
    private let thread = OwnThread("lacuna.slurm")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let settings: SlurmSettings
    private let executable: String
    private let spool: SlurmSpool
    private let client = SlurmClient()
    private let journal: Journal
    private let time: any TimeSource

    /// By ticket.
    private var entries: [String: Entry] = [:]
    /// Tickets of those that are to be submitted, in the order in which they came.
    private var waiting: [String] = []
    /// Batches of which nobody knows whether Slurm took them.
    private var doubtful: Set<String> = []
    private var rounds: Task<Void, Never>?
    private var lastQuestion = Date.distantPast
    private var isSilent = false

    /// How often files are read; scans that come within this time go as one array. In seconds.
    private static let pause = 1.0
    /// How often Slurm is asked, in seconds.
    private static let questionPause = 10.0
    /// What a job that ended told last may take this long to be seen, in seconds.
    private static let patience = 30.0

    init(settings: SlurmSettings, executable: String, journal: Journal, time: any TimeSource = SystemTime()) {
        self.settings = settings
        self.executable = executable
        spool = SlurmSpool(directory: settings.directory)
        self.journal = journal
        self.time = time
    }

    /// Has a scan inpainted; one that was submitted before, under the same ticket, is only followed.
    ///
    /// - Throws: ``WorkerFailure``, ``WorkInterrupted``, ``WorkDetached``, or `CancellationError`, which ends the job.
    func inpaint(
        _ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> InpaintReport {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { outcome in
                let place = spool.place(of: job.ticket)
                entries[job.ticket] = Entry(job: job, tell: progress, outcome: outcome, place: place)
                // The daemon that made the file may have been killed before it reached Slurm.
                if let place { doubtful.insert(place.batch) } else { waiting.append(job.ticket) }
                if rounds == nil { rounds = Task { await followJobs() } }
            }
        } onCancel: {
            Task { await cancel(job.ticket) }
        }
    }

    /// Follows nothing any more; jobs go on.
    func detach() {
        for ticket in entries.keys { end(ticket, .failure(WorkDetached())) }
    }

    /// Forgets a scan whose outcome is written down.
    func settled(_ job: InpaintJob) {
        spool.remove(job.ticket)
    }

    /// Removes what a daemon left that was killed before it forgot a scan.
    func sweep(keeping jobs: [InpaintJob]) {
        spool.sweep(keeping: Set(jobs.map(\.ticket)))
    }

    private func cancel(_ ticket: String) async {
        guard let id = entries[ticket]?.task?.id else { return end(ticket, .failure(CancellationError())) }
        end(ticket, .failure(CancellationError()))
        await client.cancel(id)
    }

    private func end(_ ticket: String, _ result: Result<InpaintReport, any Error>) {
        waiting.removeAll { $0 == ticket }
        entries.removeValue(forKey: ticket)?.outcome.resume(with: result)
    }

    private func followJobs() async {
        while !entries.isEmpty {
            try? await time.sleep(until: time.now + Self.pause)
            read()
            await submit()
            await ask()
        }
        rounds = nil
    }
}

// MARK: - Submitting

extension SlurmQueue {
    private func submit() async {
        guard !waiting.isEmpty, !isSilent else { return }
        let batch = SlurmBatch(
            waiting.compactMap { entries[$0]?.job }, executable: executable, settings: settings)
        waiting = []
        for (index, job) in batch.jobs.enumerated() {
            do {
                try spool.announce(job, at: batch.place(index))
                entries[job.ticket]?.place = batch.place(index)
            } catch {
                let message = "\(settings.directory) cannot be written to: \(error.localizedDescription)"
                end(job.ticket, .failure(WorkerFailure(.configuration, message)))
            }
        }
        do throws(SlurmClient.Refusal) {
            let id = try await client.submit(batch)
            let count = batch.jobs.count
            journal.note(.slurmSubmitted, "\(count) scan\(count == 1 ? " is" : "s are") with Slurm as job \(id)")
        } catch {
            await resolve(batch, refusedFor: error.reason)
        }
    }

    /// Slurm answered no, or too late, or not at all.
    private func resolve(_ batch: SlurmBatch, refusedFor reason: String) async {
        do throws(SlurmClient.Refusal) {
            guard try await client.tasks(of: [batch.name]).isEmpty else { return }
            for job in batch.jobs { end(job.ticket, .failure(WorkerFailure(.configuration, reason))) }
        } catch {
            doubtful.insert(batch.name)
            reportSilence(error.reason)
        }
    }

    /// Puts a scan back whose batch never reached Slurm; should it have all the same, its job finds no file.
    private func submitAgain(_ ticket: String) {
        guard entries[ticket] != nil else { return }
        spool.remove(ticket)
        entries[ticket]?.place = nil
        waiting.append(ticket)
    }
}

// MARK: - Following

extension SlurmQueue {
    private func read() {
        for ticket in entries.keys { read(ticket) }
    }

    /// Takes in what a job has told.
    private func read(_ ticket: String) {
        guard var entry = entries[ticket], let place = entry.place else { return }
        let events = spool.events(ticket, at: place, from: &entry.offset)
        entries[ticket] = entry
        for event in events {
            switch event {
            case .progress(let progress): entry.tell(progress)
            case .report(let report): end(ticket, .success(report))
            case .failure(let failure): end(ticket, .failure(failure))
            }
        }
    }

    /// Asks Slurm for all jobs at once.
    private func ask() async {
        let batches = Set(entries.values.compactMap(\.place?.batch))
        guard !batches.isEmpty || isSilent, time.now.timeIntervalSince(lastQuestion) >= Self.questionPause
        else { return }
        do throws(SlurmClient.Refusal) {
            let tasks = try await client.tasks(of: batches)
            reportAnswer()
            for (ticket, entry) in entries {
                guard let place = entry.place, batches.contains(place.batch) else { continue }
                await take(tasks[place], of: ticket, at: place)
            }
            doubtful.subtract(batches)
        } catch {
            reportSilence(error.reason)
        }
        lastQuestion = time.now
    }

    /// Takes in what Slurm says of a scan; `nil` where it knows nothing.
    private func take(_ task: SlurmTask?, of ticket: String, at place: SlurmPlace) async {
        entries[ticket]?.task = task
        // A gap in Slurm's answers uses nothing up once the job is seen again.
        if let phase = task?.phase, [.waiting, .running].contains(phase) { entries[ticket]?.silentSince = nil }
        switch task?.phase {
        case .waiting?:
            // A sign of life: to wait in a queue is no fault.
            let stage = "waiting in Slurm" + (task.map { ", \($0.reason)" } ?? "")
            entries[ticket]?.tell(WorkProgress(stage: stage, done: 0, total: 0))
        case .running?: break
        case nil where doubtful.contains(place.batch) && entries[ticket]?.offset == 0:
            let last = await client.remembered(place)
            if let last { lose(ticket, last, at: place) } else { submitAgain(ticket) }
        case .cut?, .interrupted?:
            read(ticket)
            if let task, entries[ticket] != nil { lose(ticket, task, at: place) }
        case .ended?, nil:
            let since = entries[ticket]?.silentSince ?? time.now
            entries[ticket]?.silentSince = since
            guard time.now.timeIntervalSince(since) >= Self.patience, entries[ticket] != nil else { return }
            var last = task
            if last == nil { last = await client.remembered(place) }
            lose(
                ticket, last ?? SlurmTask(id: place.batch, state: "not known to Slurm any more", reason: ""), at: place)
        }
    }

    /// Ends the work on a scan whose job is over and told nothing.
    private func lose(_ ticket: String, _ task: SlurmTask, at place: SlurmPlace) {
        let reason = task.description + (spool.lastWords(at: place).map { ", \($0)" } ?? "")
        let isInterrupted = task.phase == .interrupted
        end(ticket, .failure(isInterrupted ? WorkInterrupted(reason: reason) : WorkerFailure(.internalFailure, reason)))
    }

    private func reportSilence(_ reason: String) {
        if !isSilent { journal.warn(.slurmSilent, "Slurm does not answer, scans wait for it: \(reason)") }
        isSilent = true
        for entry in entries.values where entry.task?.phase != .running {
            entry.tell(WorkProgress(stage: "waiting for slurmctld", done: 0, total: 0))
        }
    }

    private func reportAnswer() {
        if isSilent { journal.note(.slurmBack, "Slurm answers again") }
        isSilent = false
    }
}
