internal import Foundation
internal import WorkMessages

/// The directory through which jobs and daemon talk: for each scan a file with the ``InpaintJob`` and one to which its job
/// appends events.
///
/// The daemon makes the files before it submits the job, and a job whose file is gone does nothing: so a job that was
/// given up never works. Since the file is there from the beginning and opened anew for each look, NFS hides nothing.
struct SlurmSpool: Sendable {
    let directory: String

    /// The order, as one line of JSON: `<ticket>_<batch>_<task>.job`.
    func job(_ ticket: String, at place: SlurmPlace) -> String {
        "\(directory)/\(ticket)_\(place.batch)_\(place.task).job"
    }

    /// The events of a scan: `<ticket>_<batch>_<task>.events`.
    func events(_ ticket: String, at place: SlurmPlace) -> String {
        "\(directory)/\(ticket)_\(place.batch)_\(place.task).events"
    }

    /// What the job wrote to its standard streams.
    func log(at place: SlurmPlace) -> String { "\(directory)/\(place.batch)_\(place.task).log" }

    /// The same as sbatch(1) takes it.
    var logPattern: String { directory.replacing("%", with: "%%") + "/%x_%a.log" }

    /// Makes the files of a scan that is about to be submitted.
    func announce(_ job: InpaintJob, at place: SlurmPlace) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let order = try JSONEncoder().encode(job) + Data("\n".utf8)
        try order.write(to: URL(filePath: self.job(job.ticket, at: place)), options: .withoutOverwriting)
        try Data().write(to: URL(filePath: events(job.ticket, at: place)), options: .withoutOverwriting)
    }

    /// Where a scan was submitted to; `nil` where it was not.
    func place(of ticket: String) -> SlurmPlace? { places[ticket] }

    /// Where each scan was submitted to, by its ticket.
    private var places: [String: SlurmPlace] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.reduce(into: [:]) { places, name in
            guard name.hasSuffix(".events") else { return }
            let parts = name.dropLast(".events".count).split(separator: "_").map(String.init)
            guard parts.count == 3, let task = Int(parts[2]) else { return }
            places[parts[0]] = SlurmPlace(batch: parts[1], task: task)
        }
    }

    /// What a job has told beyond `offset`, which moves behind the last whole line.
    func events(_ ticket: String, at place: SlurmPlace, from offset: inout UInt64) -> [WorkerEvent] {
        guard let file = FileHandle(forReadingAtPath: events(ticket, at: place)),
            (try? file.seek(toOffset: offset)) != nil, let bytes = try? file.readToEnd(),
            let end = bytes.lastIndex(of: UInt8(ascii: "\n"))
        else { return [] }
        let lines = bytes[...end]
        // NFS may show a file's new length before all that lies below it.
        guard !lines.contains(0) else { return [] }
        offset += UInt64(lines.count)
        return lines.split(separator: UInt8(ascii: "\n")).compactMap {
            WorkerEvent(line: String(decoding: $0, as: UTF8.self))
        }
    }

    /// The last line that a job wrote to its standard streams, for people.
    func lastWords(at place: SlurmPlace) -> String? {
        guard let text = try? String(contentsOfFile: log(at: place), encoding: .utf8) else { return nil }
        return text.split(whereSeparator: \.isNewline).last.map { String($0.suffix(500)) }
    }

    /// Removes all that belongs to a scan.
    func remove(_ ticket: String) {
        if let place = place(of: ticket) { remove(ticket, at: place) }
    }

    /// Removes all that belongs to other scans.
    func sweep(keeping tickets: Set<String>) {
        for (ticket, place) in places where !tickets.contains(ticket) { remove(ticket, at: place) }
    }

    private func remove(_ ticket: String, at place: SlurmPlace) {
        // The events last, since nothing leads to the others without them.
        for path in [log(at: place), job(ticket, at: place), events(ticket, at: place)] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}

/// Where a scan stands in Slurm: a task of one of our job arrays.
struct SlurmPlace: Hashable {
    /// The job's name, unique among all that were ever submitted.
    var batch: String
    /// The index in the array, from 1.
    var task: Int
}

/// What Slurm says of a task.
struct SlurmTask: Equatable {
    /// As scancel(1) takes it, e.g. `1234_5`.
    var id: String
    /// Slurm's word, e.g. `NODE_FAIL`.
    var state: String
    /// Why it waits or ended, in Slurm's words, e.g. `Resources`.
    var reason: String

    init(id: String, state: String, reason: String) {
        (self.id, self.state, self.reason) = (id, state, reason)
    }

    enum Phase {
        case waiting, running
        /// By itself; what it had to say stands in its file.
        case ended
        /// By Slurm or an operator, on account of the job.
        case cut
        /// By no fault of the job.
        case interrupted
    }

    /// States as squeue(1) lists them; what it may add waits until Slurm says more.
    var phase: Phase {
        switch state {
        case "RUNNING", "COMPLETING", "SIGNALING", "STAGE_OUT": .running
        case "COMPLETED", "FAILED": .ended
        case "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "DEADLINE", "REVOKED": .cut
        case "NODE_FAIL", "PREEMPTED", "BOOT_FAIL": .interrupted
        default: .waiting
        }
    }

    /// How a task ended by what sacct(1) printed, `1234_5|CANCELLED by 1000`; `nil` where it has not, or is not there.
    init?(remembering place: SlurmPlace, in output: String) {
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: "|")
            guard fields.count == 2, fields[0].hasSuffix("_\(place.task)") else { continue }
            self.init(id: String(fields[0]), state: String(fields[1].prefix { $0 != " " }), reason: "")
            if [.waiting, .running].contains(phase) { return nil }
            return
        }
        return nil
    }

    /// e.g. `job 1234_5: FAILED (RaisedSignal:9(Killed))`.
    var description: String { "job \(id): \(state)" + (["", "None"].contains(reason) ? "" : " (\(reason))") }
}

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

    func describe(_ output: String) async throws -> OutputDescription { try await looks.describe(output) }

    func picture(of section: SectionOrder) async throws -> Data { try await looks.picture(of: section) }

    func inpaint(
        _ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> InpaintReport {
        try await queue.inpaint(job, progress: progress)
    }

    func detach() async { await queue.detach() }

    func settled(_ job: InpaintJob) async { await queue.settled(job) }

    func sweep(keeping jobs: [InpaintJob]) async { await queue.sweep(keeping: jobs) }
}
