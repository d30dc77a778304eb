internal import Conventions
internal import Foundation
internal import ServiceLifecycle
internal import Settings
internal import StatusSite
internal import Synchronization
internal import UnixSignals
internal import WorkMessages

/// The parts of the daemon, put together.
final class Daemon: Service {
    let configurationFile: String
    private let configuration: Configuration
    private let version: String
    private let pageDirectory: String?
    private let isOnce: Bool
    private let isDryRun: Bool
    private let started = Date()

    let journal: Journal
    let manager: any ServiceManager
    private let ledger: Ledger
    private let worker: any ScanWorker
    private let board: StatusBoard
    private let tally = Tally()
    private let examiner: Examiner
    private let workbench: Workbench
    private let watchers: WatcherGroup
    private let trees = TreeLock()
    private let notifier: Notifier
    private let queue: QueueControl
    /// What is in force now, as it was written: with patterns rather than the trees that match them.
    private let inForce: Mutex<Configuration>
    /// How often it is looked for new trees that match a pattern, in seconds.
    private static let treeSearchPause = 15.0

    /// Crashes in a row after which the scan that was in work is quarantined.
    static let crashLimit = 3

    init(
        configuration: Configuration, configurationFile: String, context: DaemonContext, version: String, once: Bool,
        dryRun: Bool, pageDirectory: String? = nil
    ) {
        self.configuration = configuration
        inForce = Mutex(configuration)
        let withTrees = configuration.withTrees()
        self.configurationFile = configurationFile
        self.version = version
        self.pageDirectory = pageDirectory
        isOnce = once
        isDryRun = dryRun
        let (ledger, journal, manager) = (context.ledger, context.journal, context.manager)
        self.ledger = ledger
        self.journal = journal
        self.manager = manager
        worker = context.worker
        let bell = Bell(time: context.time)
        board = StatusBoard(manager: manager)
        examiner = Examiner(
            configuration: withTrees, context: context, workbenchBell: bell, isDryRun: dryRun)
        workbench = Workbench(
            configuration: withTrees, context: context, board: board, tally: tally, examiner: examiner, bell: bell,
            isDryRun: dryRun)
        notifier = Notifier(ledger: ledger, journal: journal)
        queue = QueueControl(ledger: ledger, examiner: examiner, board: board, journal: journal, bell: bell)
        let roots = configuration.roots.map(\.path).joined(separator: ", ")
        watchers = WatcherGroup(examiner: examiner, journal: journal, manager: manager) {
            journal.note(.daemonReady, "watching \(roots)")
            manager.ready()
            bell.ring()
        }
    }

    /// Reads the network and the detectors once, and takes up what an earlier daemon left: scans in work go back into
    /// the queue and half-written files vanish, unless the work outlived it.
    ///
    /// - Throws: ``BeamlineError/treeInUse(_:)``; ``WorkerFailure`` when the network cannot be used; an error that names
    ///   the file when the detectors cannot be read.
    func prepare() async throws {
        if !isDryRun { try trees.hold(configuration.withTrees().roots.map(\.path)) }
        try await check(configuration)
        tally.resume(lastSuccess: try await ledger.latest([.done], limit: 1).first?.updatedAt)
        if isDryRun {
            // What is in work is a daemon's, which may be running.
        } else if worker.outlivesDaemon {
            await workbench.takeUp(try await ledger.latest([.processing], limit: .max))
        } else {
            try await recover()
        }
        try await examiner.resume()
        keepConfiguration()
    }

    /// For commands that meet a faulty file later.
    private func keepConfiguration() {
        guard !isDryRun, let text = try? String(contentsOfFile: configurationFile, encoding: .utf8),
            let read = try? Configuration(yaml: text, file: configurationFile), read == inForce.withLock({ $0 })
        else { return }
        Configuration.keep(text, in: configuration.stateDirectory)
    }

    private func recover() async throws {
        for record in try await ledger.recover(crashLimit: Self.crashLimit, at: Date()) {
            let root = configuration.withTrees().root(of: record.file)
            OutputName.removeTemporaries(
                of: record.output ?? OutputName.path(input: record.file, label: record.outputLabel, root: root))
            journal.ended(record)
        }
    }

    /// Has a child read what every child reads, so that a fault in it is told now and not by every scan.
    private func check(_ configuration: Configuration) async throws {
        for settings in configuration.settingsToCheck {
            if let problem = try await worker.check(settings).problem { throw problem }
        }
    }

    func run() async throws {
        await watchers.use(configuration.withTrees().roots)
        if !isDryRun { await notifier.use(configuration.hooks) }
        do {
            try await withGracefulShutdownHandler {
                try await cancelWhenGracefulShutdown { [self] in try await work() }
            } onGracefulShutdown: { [manager] in
                manager.stopping()
            }
        } catch {
            await watchers.end()
            await notifier.end()
            throw BeamlineError.ledgerDamaged(Ledger.path(in: configuration.stateDirectory), reason: "\(error)")
        }
        await watchers.end()
        await notifier.end()
        journal.note(.daemonStopping, "stopped")
    }

    /// Examines and works until the work is done or the task is cancelled; a loop that fails ends the other one.
    private func work() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [examiner] in try await examiner.run() }
            group.addTask { [self] in
                try await workbench.run(once: isOnce) { [watchers] in await watchers.isListed }
            }
            if !isOnce { group.addTask { [self] in try await followPatterns() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Takes up trees that match a pattern of the configuration as they come and go.
    private func followPatterns() async throws {
        var known = inForce.withLock { $0 }.withTrees().roots
        var refused: String?
        while (try? await Task.sleep(for: .seconds(Self.treeSearchPause))) != nil {
            let written = inForce.withLock { $0 }
            guard written.roots.contains(where: { $0.template != nil }) else { continue }
            let found = written.withTrees()
            guard found.roots != known else { continue }
            do {
                try await follow(found)
                known = found.roots
                refused = nil
            } catch {
                if refused != "\(error)" { journal.warn(.watchTrouble, "\(error)") }
                refused = "\(error)"
            }
        }
    }

    private func follow(_ configuration: Configuration) async throws {
        if !isDryRun { try trees.hold(configuration.roots.map(\.path)) }
        // Nothing below can fail.
        await examiner.use(configuration)
        await workbench.use(configuration)
        await watchers.use(configuration.roots)
    }

    /// Takes over a new configuration whole, or not at all; what only a restart can change keeps its old value.
    ///
    /// - Throws: ``BeamlineError/treeInUse(_:)``; ``WorkerFailure`` when the network that it names cannot be used. The old
    ///   one then stays in force.
    func use(_ new: Configuration) async throws {
        try await check(new)
        try await follow(new.withTrees())
        inForce.withLock { $0 = new }
        keepConfiguration()
        if !isDryRun { await notifier.use(new.hooks) }
        if new.stateDirectory != configuration.stateDirectory || new.controlSocket != configuration.controlSocket
            || new.statusAddress != configuration.statusAddress || new.allowsRetry != configuration.allowsRetry
            || new.executor != configuration.executor
        {
            journal.warn(
                .configurationReloaded, "“state”, “status” and “executor” change with the next restart only")
        }
    }

    var controlServer: ControlServer {
        ControlServer(
            socketPath: configuration.controlSocket, statusAddress: configuration.statusAddress,
            allowsRetry: configuration.allowsRetry, pageDirectory: pageDirectory, journal: journal,
            daemon: DaemonInsight(
                report: { [self] in try await report() },
                metrics: { [tally, started] report in
                    MetricsText(report: report, tally: tally.counts, use: .now, started: started)
                },
                scan: { [ledger] in try await ledger.scan(numbered: $0).map(StatusReport.Scan.init) },
                history: { [ledger] in
                    try await ledger.latest([.done], limit: QualityPoint.most).map(QualityPoint.init)
                },
                describe: { [worker] in try await worker.describe($0) },
                picture: { [worker] in try await worker.picture(of: $0) },
                retry: { [examiner] request in
                    do {
                        return RetryAnswer(scans: try await examiner.retry(request).map(\.name))
                    } catch BeamlineError.inWork(let scan, _) {
                        return RetryAnswer(
                            scans: [], problem: BeamlineError.inWork(scan, process: getpid()).description)
                    } catch let error as BeamlineError {
                        return RetryAnswer(scans: [], problem: error.description)
                    }
                },
                pause: { [queue] in try await queue.pause($0) }),
            queue: queue
        )
    }

    /// What this run has come to; `nil` unless it works through what is there.
    func batchReport() async throws -> BatchReport? {
        guard isOnce, !isDryRun else { return nil }
        return try await BatchReport(ledger: ledger, since: started, seconds: Date().timeIntervalSince(started))
    }

    /// How far a run that works through what is there has come.
    func batchProgress() async throws -> BatchProgress {
        let counts = try await ledger.counts()
        let settled = ScanState.settled.reduce(0) { $0 + (counts[$1] ?? 0) }
        return BatchProgress(
            current: board.summary ?? "looking at files", settled: settled,
            total: settled + (counts[.ready] ?? 0) + (counts[.processing] ?? 0) + (await examiner.filesToLookAt))
    }

    private func report() async throws -> StatusReport {
        var report = try await StatusReport(ledger: ledger, running: true)
        report.pid = ProcessInfo.processInfo.processIdentifier
        report.version = version
        report.configuration = configurationFile
        report.uptimeSeconds = Date().timeIntervalSince(started)
        report.inWork = board.work
        report.current = report.inWork?.first
        let reasons = [board.paused, report.paused].compactMap(\.self)
        report.paused = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
        return report
    }
}

/// Reads the configuration again at SIGHUP; a faulty one is refused and the old one stays in force.
struct Reloader: Service {
    let daemon: Daemon

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { await reload() }
        }
    }

    func reload() async {
        daemon.manager.reloading()
        let file = daemon.configurationFile
        do {
            try await daemon.use(Configuration(contentsOf: file))
            daemon.journal.note(.configurationReloaded, "\(file) was read again and is in force")
        } catch {
            daemon.journal.warn(.configurationRefused, "the old configuration stays in force: \(error)")
        }
        daemon.manager.ready()
    }
}
