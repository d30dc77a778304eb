internal import Conventions
internal import Foundation
internal import SystemPackage
internal import WorkMessages

/// Looks at files that changed and writes into the ledger what their scans are waiting for.
///
/// It never works on a scan: a scan that is complete becomes `ready`, and the ``Workbench`` takes it from there.
actor Examiner {
    private var configuration: Configuration
    private let ledger: Ledger
    private let worker: any ScanWorker
    private let journal: Journal
    private let time: any TimeSource
    private let watchdog: Watchdog
    private let files: any FileSystem
    /// Wakes this loop.
    private let bell: Bell
    /// Wakes the workbench.
    private let workbenchBell: Bell

    private var agenda = Agenda()
    /// Detector files that changed, by the file that describes their scan.
    private var parts: [String: [SeenFile]] = [:]
    /// The file of the scan that takes its frames from a file beside it.
    private var takers: [String: String] = [:]
    private var lastLooks: [String: (end: Date, seconds: Double)] = [:]
    private var isLooking = false
    /// Whether scans may have been left out for titles that the rules take now.
    private var hasNewTitles = false
    /// Files of which nobody can tell what became of them.
    private var outOfReach: Set<String> = []
    private let isDryRun: Bool
    /// The scans of which a dry run has said that nothing would be done, by their number in the ledger.
    private var told: Set<Int64?> = []
    /// Why the ledger cannot be used any more.
    private var damage: (any Error)?

    /// A changed file is looked at this much later, so that several changes cost one look.
    static let debounceSeconds = 0.1
    /// Two looks at the same file are this far apart.
    static let gapSeconds = 0.5
    /// How long a ledger, a configuration or a file that cannot be used is left alone, in seconds.
    static let troublePause = 10.0

    init(configuration: Configuration, context: DaemonContext, workbenchBell: Bell, isDryRun: Bool = false) {
        self.isDryRun = isDryRun
        self.configuration = configuration
        ledger = context.ledger
        worker = context.worker
        journal = context.journal
        time = context.time
        watchdog = context.watchdog
        files = context.files
        self.workbenchBell = workbenchBell
        bell = Bell(time: context.time)
    }

    /// Whether everything was looked at, except what runs or is to be tried again later.
    var isIdle: Bool { !isLooking && !hasNewTitles && !agenda.hasPromptWork }

    /// How many files are waiting for a look.
    var filesToLookAt: Int { agenda.count }

    /// Looks at files until the task is cancelled.
    ///
    /// - Throws: the error with which a damaged ledger answers.
    func run() async throws {
        while !Task.isCancelled {
            watchdog.pulse(.examiner)
            await lookAtDueFiles()
            if let damage { throw damage }
            workbenchBell.ring()
            await bell.wait(until: min(agenda.nextDate ?? .distantFuture, time.now + watchdog.rest))
        }
    }

    /// Takes up the files whose scans were not settled when the daemon ended.
    func resume() async throws {
        let longest = configuration.retries.pause(afterAttempt: configuration.retries.attempts)
        try await ledger.bringForwardAttempts(to: time.now + longest)
        for (file, date) in try await ledger.filesToRevisit() {
            if let date, date > time.now {
                agenda.add(file, at: date, for: .retry)
            } else {
                let modified = (try? await files.stamp(of: file))?.modifiedNanoseconds ?? 0
                agenda.addToBacklog(file, modified: modified)
            }
        }
        for file in try await ledger.submittedFiles() { agenda.add(file, at: time.now, for: .event) }
        try await takeUpTitles()
        bell.ring()
    }

    /// Takes over a new configuration, which nothing can keep it from.
    func use(_ configuration: Configuration) {
        self.configuration = configuration
        hasNewTitles = true
        bell.ring()
    }

    /// Takes them up once after a new configuration, again where the ledger cannot be used now.
    private func takeUpNewTitles() async {
        guard hasNewTitles else { return }
        do {
            hasNewTitles = false
            try await takeUpTitles()
        } catch {
            hasNewTitles = true
            journal.error("scans that new title rules take cannot be taken up yet: \(error)")
        }
    }

    /// Puts scans back that were left out for a title which the rules now take.
    private func takeUpTitles() async throws {
        let skipped = try await ledger.scansSkippedByTitle()
        let taken = skipped.filter { scan in
            guard let root = configuration.root(of: scan.file) else { return false }
            return root.titles.reasonToSkip(scan.title) == nil
        }
        guard !taken.isEmpty else { return }
        _ = try await retry(.named(taken.map { "\($0.id)" }))
    }

    /// Looks at a file at some time.
    func revisit(_ file: String, at date: Date, for purpose: Agenda.Purpose) {
        agenda.add(file, at: date, for: purpose)
        bell.ring()
    }

    /// Has the scans of a file come first, those that went wrong or were left out once more.
    func submit(_ file: String) async throws {
        try await ledger.submit(file, at: time.now)
        revisit(file, at: time.now, for: .event)
    }

    /// Puts scans back to be looked at anew.
    func retry(_ request: RetryRequest) async throws -> [ScanRecord] {
        let records = try await ledger.retry(request, at: time.now)
        for record in records { revisit(record.file, at: time.now, for: .event) }
        return records
    }
}

// MARK: - What the watchers tell

extension Examiner {
    func receive(_ event: WatchEvent) async throws {
        switch event {
        case .seen(let seen, let live):
            let changed = try await ledger.changed(seen)
            for file in changed { await note(file, live: live) }
            if isDryRun { try await tellFinished(in: Set(seen).subtracting(changed)) }
        case .gone(let path):
            agenda.add(path, at: time.now + Self.debounceSeconds, for: .event)
        case .listed:
            workbenchBell.ring()
        case .trouble(let text):
            journal.warn(.watchTrouble, text)
        }
        bell.ring()
    }

    /// Says in a dry run of which scans nothing would be done, since their files are as they were.
    private func tellFinished(in files: Set<SeenFile>) async throws {
        for path in Set(files.map { FrameSeriesName(ofFrame: $0.path)?.path ?? $0.path }).sorted() {
            for record in try await ledger.scans(in: path).values.sorted(by: { $0.entry < $1.entry }) {
                tellFinished(record)
            }
        }
    }

    private func tellFinished(_ record: ScanRecord) {
        let waits = record.state == .failed && record.nextAttempt ?? .distantPast > time.now
        guard isDryRun, waits || record.state.isSettled || record.state == .processing, told.insert(record.id).inserted
        else { return }
        journal.leftAlone(record)
    }

    private func note(_ file: SeenFile, live: Bool) async {
        switch await files.owner(of: file.path, at: time.now) {
        case .itself, .orphan: plan(file.path, file, live: live)
        case .others(let owners):
            for owner in owners {
                parts[owner, default: []].append(file)
                plan(owner, file, live: live)
            }
        }
    }

    private func plan(_ path: String, _ file: SeenFile, live: Bool) {
        guard configuration.root(of: path)?.takes(path) ?? false else { return }
        guard live else { return agenda.addToBacklog(path, modified: file.stamp.modifiedNanoseconds) }
        var date = time.now + Self.debounceSeconds
        if let last = lastLooks[path] {
            // A file whose look takes long is looked at less often, a series of many files in particular, all of whose
            // headers are read each time.
            let patience = FrameSeriesName(path: path) == nil ? 2.0 : 10
            date = max(date, last.end + max(Self.gapSeconds, patience * last.seconds))
        }
        agenda.add(path, at: date, for: .event)
    }
}

// MARK: - The look

extension Examiner {
    /// Looks at everything that is due now.
    func lookAtDueFiles() async {
        isLooking = true
        defer { isLooking = false }
        await takeUpNewTitles()
        while !Task.isCancelled, damage == nil, let file = agenda.next(at: time.now) {
            watchdog.pulse(.examiner)
            do {
                let begin = time.now
                let submission = try await ledger.submissionNumber(of: file)
                try await look(at: file)
                if let submission { try await ledger.endSubmission(submission) }
                lastLooks[file] = (time.now, time.now.timeIntervalSince(begin))
                if outOfReach.remove(file) != nil { journal.note(.watchTrouble, "\(file) can be looked at again") }
            } catch is CancellationError {
                return
            } catch let error as Errno {
                // Its scans stay as they are.
                if outOfReach.insert(file).inserted {
                    journal.warn(.watchTrouble, "\(file) cannot be looked at for now: \(error)")
                }
                agenda.add(file, at: time.now + Self.troublePause, for: .retry)
            } catch {
                // Any other file would fare no better now.
                journal.error("files cannot be looked at: \(error)")
                if Ledger.isDamage(error) { damage = error }
                agenda.add(file, at: time.now, for: .event)
                try? await time.sleep(until: time.now + Self.troublePause)
            }
        }
        lastLooks = lastLooks.filter { time.now.timeIntervalSince($0.value.end) < 60 + 2 * $0.value.seconds }
    }

    private func look(at file: String) async throws {
        guard let root = configuration.root(of: file) else { return }
        guard root.takes(file) else {
            return try await ledger.forget(file: file, reason: "left out by include or exclude", at: time.now)
        }
        guard let stamp = try await files.stamp(of: file) else {
            parts[file] = nil
            // A series lacks a frame now.
            if let series = FrameSeriesName(ofFrame: file) { revisit(series.path, at: time.now, for: .event) }
            return try await ledger.forget(file: file, at: time.now)
        }
        // The owner may have come after its detector files.
        let owner = await files.owner(of: file, at: time.now)
        if case .others(let owners) = owner {
            parts[file] = nil
            for owner in owners { plan(owner, SeenFile(path: file, stamp: stamp), live: true) }
            let reason = "belongs to \(owners.joined(separator: ", "))"
            return try await ledger.forget(file: file, reason: reason, at: time.now)
        }
        let seen = [SeenFile(path: file, stamp: stamp)] + (parts[file] ?? [])
        let inspection = try await inspect(file, stamp, root: root)
        noteSources(of: inspection, in: file)
        try await record(inspection, of: file, stamp, root: root, isOrphan: owner == .orphan)
        try await ledger.remember(seen, outcome: inspection.notAScan ?? inspection.layout)
        let told = Set(seen)
        parts[file]?.removeAll { told.contains($0) }
        if parts[file]?.isEmpty ?? false { parts[file] = nil }
    }

    /// Remembers from which files beside it the scans of a file take their frames.
    private func noteSources(of inspection: Inspection, in file: String) {
        let directory = AbsolutePath.directory(of: file)
        for scan in inspection.scans where inspection.layout == "nexus" && scan.problem == nil {
            for source in scan.sources where source != file && AbsolutePath.directory(of: source) == directory {
                // The oldest are settled long since.
                if takers.count >= 10_000 { takers = [:] }
                takers[source] = file
            }
        }
    }

    /// What is in the file; a file that cannot be read counts as one scan with a problem.
    private func inspect(_ file: String, _ stamp: FileStamp, root: WatchedRoot) async throws -> Inspection {
        do {
            return try await worker.inspect(file, settings: configuration.settings(for: root))
        } catch let failure as WorkerFailure where !failure.concernsAllScans {
            var scan = InspectedScan(scan: nil, entry: "")
            scan.problem = .init(cause: failure.cause, message: failure.message)
            scan.sources = [file]
            scan.fingerprint = stamp.text
            return Inspection(input: file, layout: Inspection.unreadable, scans: [scan])
        }
    }

    private func record(
        _ inspection: Inspection, of file: String, _ stamp: FileStamp, root: WatchedRoot, isOrphan: Bool
    ) async throws {
        let known = try await ledger.scans(in: file)
        let scans = inspection.scansToFollow(stamp)
        for scan in scans.map({ $0.leaving(frames: takers[file]) }) {
            let assessment = ScanAssessment(
                input: file, found: scan, known: known[scan.entry], root: root,
                modified: try await modified(scan, stamp),
                isOrphan: isOrphan, now: time.now
            )
            try await apply(assessment, file: file)
        }
        // A look that failed says nothing of the scans that an earlier one found.
        guard inspection.layout != Inspection.unreadable else { return }
        let found = Set(scans.map(\.entry))
        for record in known.values where !found.contains(record.entry) { try await drop(record) }
    }

    /// When the newest of the scan's files was modified; the file itself counts where no other is known.
    private func modified(_ scan: InspectedScan, _ stamp: FileStamp) async throws -> Date {
        var stamps: [FileStamp] = []
        for source in scan.sources {
            if let stamp = try await files.stamp(of: source) { stamps.append(stamp) }
        }
        let newest = (stamps.isEmpty ? [stamp] : stamps).map(\.modifiedNanoseconds).max() ?? 0
        let age = time.wallClock.timeIntervalSince1970 - Double(newest) / 1e9
        return time.now - age
    }

    /// Writes down what was decided about a scan.
    private func apply(_ assessment: ScanAssessment, file: String) async throws {
        let now = assessment.now
        let found = assessment.found
        var record =
            assessment.known
            ?? ScanRecord(file: file, entry: found.entry, scan: found.scan, state: .discovered, at: now)
        if case .unchanged(let lookAgain) = assessment.verdict {
            if let lookAgain { agenda.add(file, at: lookAgain, for: .retry) }
            tellFinished(record)
            return
        }
        record.changedAt = assessment.changedAt
        if record.fingerprint != found.fingerprint {
            record.fingerprint = found.fingerprint
            record.attempts = 0
            record.crashes = 0
        }
        record.title = found.title
        // The scans of other files always have one, unless an earlier version wrote them down.
        record.label = found.label.isEmpty && FrameSeriesName(path: file) == nil ? nil : found.label
        record.detector = found.detector?.name
        record.nextAttempt = nil
        record.updatedAt = time.wallClock
        record.decide(assessment.verdict, retries: configuration.retries, at: now)
        guard try await ledger.update(record, from: assessment.known) else {
            // The scan moved on while it was looked at.
            return agenda.add(file, at: now + 1, for: .event)
        }
        if case .wait(_, let date, let purpose) = assessment.verdict { agenda.add(file, at: date, for: purpose) }
        if let date = record.nextAttempt { agenda.add(file, at: date, for: .retry) }
        announce(record, was: assessment.known)
    }

    private func announce(_ record: ScanRecord, was known: ScanRecord?) {
        switch record.state {
        case .ready: workbenchBell.ring()
        case .skipped, .stale, .quarantined: journal.ended(record)
        case .failed where known?.reason != record.reason: journal.ended(record)
        default: journal.debug("\(record.name) \(record.state): \(record.reason ?? "")")
        }
    }

    /// A scan that is not in its file any more.
    private func drop(_ record: ScanRecord) async throws {
        if record.entry.isEmpty { return try await ledger.removeUnreadableNote(of: record.file) }
        guard !record.state.isSettled, record.state != .processing else { return }
        var gone = record
        gone.state = .skipped
        gone.reason = "is not in the file any more"
        gone.fingerprint = ""
        gone.updatedAt = time.wallClock
        if try await ledger.update(gone, from: record) { journal.ended(gone) }
    }
}

extension InspectedScan {
    /// The same, or no scan where nothing but another file tells what its frames are.
    fileprivate func leaving(frames taker: String?) -> InspectedScan {
        guard let taker, problem?.cause == .input else { return self }
        var scan = self
        scan.problem = .init(cause: .input, message: "its frames belong to \(taker)", isNoScan: true)
        return scan
    }
}

extension Inspection {
    /// The layout of a file that could not be looked at.
    fileprivate static let unreadable = "unreadable"

    /// The scans that the ledger keeps; a file that holds none of its own has one entry that says what it is instead,
    /// unless it belongs to scans of other files.
    fileprivate func scansToFollow(_ stamp: FileStamp) -> [InspectedScan] {
        guard let notAScan else { return scans }
        guard ["nexus", "image stack"].contains(layout) else { return [] }
        var note = InspectedScan(scan: nil, entry: "")
        note.problem = .init(cause: .input, message: notAScan, isNoScan: true)
        note.fingerprint = stamp.text
        return [note]
    }
}
