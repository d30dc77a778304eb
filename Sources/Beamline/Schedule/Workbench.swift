internal import Conventions
internal import Foundation
internal import StatusSite
internal import SystemPackage
internal import WorkMessages

/// Takes the scans that are ready, as many at a time as the executor works on, has them inpainted, and writes down how
/// that went.
actor Workbench {
    private var configuration: Configuration
    private let ledger: Ledger
    private let worker: any ScanWorker
    private let journal: Journal
    private let time: any TimeSource
    private let watchdog: Watchdog
    private let board: StatusBoard
    private let tally: Tally
    private let examiner: Examiner
    private let bell: Bell
    /// How many scans are in work at a time, at most.
    private let places: Int
    private let isDryRun: Bool
    private let files: any FileSystem
    /// By tree, where an output found no room last, with how much it takes; nothing is taken until that is there.
    private var fullPlaces: [String: (directory: String, mebibytes: Int)] = [:]
    /// By tree, failures in a row for want of room, after each of which the pause is longer.
    private var fullInARow: [String: Int] = [:]

    /// What is in work, by the scan's number in the ledger.
    private var works: [Int64?: Work] = [:]
    /// Why no scan is taken, since any would fare as the last one did.
    private var rest: Pause?
    /// Why none is taken from a tree, by the tree's path: its outputs find no room.
    private var pauses: [String: Pause] = [:]
    /// Why the ledger cannot be used any more.
    private var damage: (any Error)?
    private var taken = 0

    /// Work that gives no sign of progress for this long is ended, in seconds.
    static let silenceLimit = 1_800.0
    /// How often free space is looked at again where it is too little, in seconds.
    static let spaceCheckSeconds = 15.0
    /// The longest pause after outputs that found no room although there seemed to be some, in seconds.
    static let longestFullPause = 900.0
    /// Every so many scans the oldest is taken rather than the newest, so that none waits for ever.
    static let oldestEvery = 4

    /// A time in which scans stay where they are.
    private struct Pause {
        var reason: String
        var until: Date
    }

    /// A scan in work.
    private struct Work {
        var inpainting: Task<InpaintReport, any Error>
        /// Ends when the outcome is written down.
        var whole: Task<Void, Never>
        var isStalled = false
    }

    init(
        configuration: Configuration, context: DaemonContext, board: StatusBoard, tally: Tally = Tally(),
        examiner: Examiner, bell: Bell, isDryRun: Bool = false
    ) {
        self.configuration = configuration
        ledger = context.ledger
        worker = context.worker
        journal = context.journal
        time = context.time
        watchdog = context.watchdog
        files = context.files
        self.board = board
        self.tally = tally
        self.examiner = examiner
        self.bell = bell
        places = configuration.executor.scansInWork
        self.isDryRun = isDryRun
    }

    /// Takes scans until the task is cancelled; what is in work then goes back into the queue, or on without the daemon.
    ///
    /// - Parameter once: return when nothing is left to do; `isListed` tells whether all there is has been seen.
    /// - Throws: the error with which a damaged ledger answers.
    func run(once: Bool = false, isListed: @Sendable () async -> Bool = { true }) async throws {
        while !Task.isCancelled, damage == nil {
            watchdog.pulse(.workbench)
            await turn()
            if once, await isListed(), await isFinished() {
                await reportRemaining()
                break
            }
            await bell.wait(until: time.now + min(watchdog.rest, patience))
        }
        await putBackWork()
        if let damage { throw damage }
    }

    /// How long the loop may rest when nothing rings, in seconds.
    private var patience: Double {
        if !works.isEmpty { return 60 }
        return board.paused == nil ? .infinity : Self.spaceCheckSeconds
    }

    /// Takes over a new configuration; what is in work keeps the old one.
    func use(_ configuration: Configuration) {
        self.configuration = configuration
        bell.ring()
    }

    /// One turn of the loop: looks after what is in work, and takes what there is room for.
    func turn() async {
        endStalled()
        do {
            while works.count < places, try await takeNext() {}
        } catch is CancellationError {
            return
        } catch {
            await report("the ledger cannot be used", error)
        }
    }

    /// Tells that the ledger cannot be used, and leaves it alone for a while.
    private func report(_ what: String, _ error: any Error) async {
        journal.error("\(what): \(error)")
        if Ledger.isDamage(error) {
            damage = error
        } else {
            try? await time.sleep(until: time.now + Examiner.troublePause)
        }
    }

    /// Waits for the end of what is in work.
    func finishWork() async {
        for work in works.values { await work.whole.value }
    }

    /// Ends what is in work and puts it back into the queue, unless it goes on without the daemon.
    func putBackWork() async {
        await worker.detach()
        for work in works.values { work.inpainting.cancel() }
        await finishWork()
    }

    private func isFinished() async -> Bool {
        guard works.isEmpty, await examiner.isIdle else { return false }
        do {
            // A tree whose outputs find no room is left as it is, and the table at the end says so.
            let next = try await nextReady(oldestFirst: false)
            return works.isEmpty && next == nil
        } catch {
            return false
        }
    }

    /// Says which scans a run over what is there leaves in the queue.
    private func reportRemaining() async {
        guard let left = try? await ledger.counts()[.ready], left > 0 else { return }
        let byHand = (try? await ledger.pausedTrees())?.text
        let reasons = [board.paused, byHand.map { "paused: \($0)" }].compactMap(\.self).joined(separator: "; ")
        journal.warn(
            board.paused == nil ? .scansPaused : .lowSpace,
            "\(left) scan\(left == 1 ? " stays" : "s stay") in the queue: \(reasons)")
    }

    private func endStalled() {
        for id in board.silent(forSeconds: Self.silenceLimit, at: time.now) {
            works[id]?.isStalled = true
            works[id]?.inpainting.cancel()
        }
    }
}

// MARK: - Taking a scan

extension Workbench {
    /// Takes the next scan, or says why not; false where there is nothing more to be taken now.
    private func takeNext() async throws -> Bool {
        if let rest, time.now < rest.until { return false }
        let oldestFirst = taken % Self.oldestEvery == Self.oldestEvery - 1
        guard let next = try await nextReady(oldestFirst: oldestFirst) else {
            rest = nil
            // Those that are over keep no scan waiting.
            pauses = pauses.filter { time.now < $0.value.until }
            showPauses()
            if works.isEmpty, pauses.isEmpty { board.showIdle() }
            return false
        }
        guard let root = configuration.root(of: next.file) else {
            try await leaveOut(next, "lies in no tree that is watched")
            return true
        }
        let output = try await output(of: next, root: root)
        if isDryRun {
            try await leaveOut(next, "would be inpainted to \(output) (dry run)")
            return true
        }
        do throws(Errno) {
            guard try await files.stamp(of: next.file) != nil else {
                try? await ledger.forget(file: next.file, at: time.wallClock)
                return true
            }
        } catch {
            let reason = "\(next.file) cannot be reached: \(error)"
            pause(root, told: "no scan of \(root.path) is taken: \(reason)", reason: reason)
            return true
        }
        guard await hasSpace(at: output, of: root) else { return true }
        rest = nil
        showPauses()
        guard let record = try await ledger.take(next.id, output: output, at: time.wallClock) else { return true }
        taken += 1
        journal.taken(record)
        begin(record)
        return true
    }

    /// Where the output of a scan belongs: where it was before, or under a name that no other scan's has.
    private func output(of record: ScanRecord, root: WatchedRoot) async throws -> String {
        if let known = record.output,
            OutputName.isPath(known, input: record.file, label: record.outputLabel, root: root)
        {
            return known
        }
        let others = try await ledger.outputs(besidesThatOf: record)
        return OutputName.path(
            input: record.file, label: record.outputLabel, root: root, isTaken: others.contains)
    }

    /// Goes on with the scans that were in work when an earlier daemon ended, and are still.
    func takeUp(_ records: [ScanRecord]) async {
        await worker.sweep(keeping: records.map(job))
        for record in records {
            journal.followed(record)
            begin(record)
        }
    }

    private func leaveOut(_ record: ScanRecord, _ reason: String) async throws {
        var skipped = record
        skipped.state = .skipped
        skipped.reason = reason
        skipped.updatedAt = time.wallClock
        if try await ledger.update(skipped, from: record) { journal.ended(skipped) }
    }

    /// The next scan of a tree whose outputs find room.
    private func nextReady(oldestFirst: Bool) async throws -> ScanRecord? {
        let (configuration, now) = (configuration, time.now)
        let full = Set(pauses.filter { now < $0.value.until }.keys)
        return try await ledger.peekReady(oldestFirst: oldestFirst) { record in
            configuration.root(of: record.file).map { !full.contains($0.path) } ?? true
        }
    }

    /// Whether there is room for an output; tells once when a tree's runs short and once when it is back.
    private func hasSpace(at output: String, of root: WatchedRoot) async -> Bool {
        let directory = AbsolutePath.directory(of: output)
        if let place = fullPlaces[root.path] {
            // What is free may be beyond a quota, which only a file that takes the room tells.
            guard await files.canTake(place.mebibytes, in: place.directory) else {
                let reason = "\(place.directory) takes no file of \(place.mebibytes) MiB"
                pause(root, told: "no scan of \(root.path) is taken: \(reason)", reason: reason)
                return false
            }
            fullPlaces[root.path] = nil
        }
        guard let free = try? await files.freeMebibytes(at: directory), free < configuration.minimumFreeSpaceMiB else {
            if pauses.removeValue(forKey: root.path) != nil {
                journal.note(.spaceBack, "scans of \(root.path) are taken again: \(directory) has room")
            }
            return true
        }
        pause(
            root,
            told: "no scan of \(root.path) is taken: \(directory) has \(free) MiB free, less than "
                + "\(configuration.minimumFreeSpaceMiB)",
            reason: "\(directory) has \(free) MiB free, below minimum_free_space_mb")
        return false
    }

    /// Takes no scan of a tree for a while.
    private func pause(
        _ root: WatchedRoot, told text: String, reason: String, seconds: Double = Workbench.spaceCheckSeconds
    ) {
        if pauses[root.path] == nil { journal.warn(.lowSpace, text) }
        pauses[root.path] = Pause(reason: reason, until: time.now + seconds)
        showPauses()
    }

    private func showPauses() {
        let reasons = Set((pauses.values + [rest].compactMap { $0 }).map(\.reason)).sorted()
        let text = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
        if board.paused != text { board.paused = text }
    }
}

// MARK: - Having it inpainted

extension Workbench {
    private func begin(_ record: ScanRecord) {
        let job = job(record)
        board.begin(record, at: time.now)
        let inpainting = Task { [files, worker, board, time] in
            try await Self.makeDirectory(of: job.output, files)
            return try await worker.inpaint(job) { board.advance(record.id, $0, at: time.now) }
        }
        let whole = Task {
            let result = await inpainting.result
            await end(record, job, result)
            works[record.id] = nil
            board.end(record.id)
            bell.ring()
        }
        works[record.id] = Work(inpainting: inpainting, whole: whole)
    }

    private func job(_ record: ScanRecord) -> InpaintJob {
        let root = configuration.root(of: record.file)
        var job = InpaintJob(
            input: record.file, scan: record.scan, entry: record.scan == nil ? nil : record.entry,
            output: record.output ?? OutputName.path(input: record.file, label: record.outputLabel, root: root),
            settings: configuration.settings(for: root), ticket: record.ticket ?? "")
        job.replaces = record.replaces ?? false
        return job
    }

    private func end(_ record: ScanRecord, _ job: InpaintJob, _ result: Result<InpaintReport, any Error>) async {
        let isStalled = works[record.id]?.isStalled ?? false
        var record = record
        record.updatedAt = time.wallClock
        if case .failure(is WorkInterrupted) = result {} else { record.crashes = 0 }
        switch result {
        case .success(let report): record.succeed(report)
        case .failure(is WorkDetached): return
        case .failure(is CancellationError) where !isStalled:
            record.state = .ready
            record.reason = "the daemon was stopped"
        case .failure(let interruption as WorkInterrupted):
            record.interrupt(interruption.reason, retries: configuration.retries, at: time.now)
        case .failure(let failure as WorkerFailure) where failure.concernsAllScans:
            record.postpone(failure.message, until: time.now + max(1, configuration.retries.backoffSeconds))
            if failure.cause == .outputFull, let root = configuration.root(of: record.file) {
                await stopForLackOfSpace(job, root, failure.message)
            } else {
                rest = Pause(reason: failure.message, until: time.now + Self.spaceCheckSeconds)
                showPauses()
            }
        case .failure(let error):
            let silence = "no sign of progress for \(Int(Self.silenceLimit / 60)) minutes"
            let reason = isStalled ? silence : (error as? WorkerFailure)?.message ?? "\(error)"
            let isFinal = (error as? WorkerFailure)?.cause == .outputOccupied
            record.fail(reason, retries: isFinal ? .none : configuration.retries, at: time.now)
        }
        if record.state == .done, let root = configuration.root(of: record.file) { fullInARow[root.path] = nil }
        if record.state != .done { await files.removeTemporaries(of: job.output) }
        tally.add(record.state, try? result.get(), at: time.now)
        await conclude(record)
        await worker.settled(job)
    }

    /// Takes nothing more of a tree until the room is there that this output found too little.
    private func stopForLackOfSpace(_ job: InpaintJob, _ root: WatchedRoot, _ message: String) async {
        let failures = fullInARow[root.path, default: 0]
        fullInARow[root.path] = failures + 1
        // Data and errors of a compressed file take about twice its size; one that links to its frames tells nothing,
        // so more is asked for after each failure.
        let size = Int(clamping: ((try? await files.stamp(of: job.input))?.size ?? 0) >> 19)
        fullPlaces[root.path] = (AbsolutePath.directory(of: job.output), max(size, 1 << min(failures, 4)))
        pause(
            root, told: "no scan of \(root.path) is taken for a while: \(message)", reason: message,
            seconds: min(Self.spaceCheckSeconds * Double(1 << min(failures, 10)), Self.longestFullPause))
    }

    /// Writes the outcome down, and again until that works: an outcome that is forgotten would be worked for twice.
    private func conclude(_ record: ScanRecord) async {
        var processing = record
        processing.state = .processing
        while true {
            do {
                guard try await ledger.update(record, from: processing) else { return }
                break
            } catch {
                await report("the end of \(record.name) cannot be written down", error)
                if damage != nil { return }
            }
        }
        if record.state == .done { journal.done(record) } else { journal.ended(record) }
        if let date = record.nextAttempt { await examiner.revisit(record.file, at: date, for: .retry) }
    }

    private static func makeDirectory(of output: String, _ files: any FileSystem) async throws {
        let directory = AbsolutePath.directory(of: output)
        do {
            try await files.makeDirectory(directory)
        } catch {
            let reason = error.localizedDescription
            throw WorkerFailure(.outputRefused, "the directory \(directory) cannot be made: \(reason)")
        }
    }
}
