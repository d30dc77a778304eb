internal import Foundation
internal import Glibc
public import Logging
internal import ServiceLifecycle
internal import Settings
internal import UnixSignals

/// The daemon: `lacuna watch`.
///
/// A ``TreeWatcher`` for each tree tells the ``Examiner`` which files changed; the examiner writes into the ``Ledger``
/// which scans are ready; the ``Workbench`` has them inpainted and records how that went.
public struct WatchCommandService: Sendable {
    private let configurationFile: String
    private let isOnce: Bool
    private let isDryRun: Bool
    private let version: String
    private let worker: any ScanWorker
    private let pageDirectory: String?
    private let logger: Logger
    private let onProgress: (@Sendable (BatchProgress) -> Void)?

    /// - Parameters:
    ///   - configurationFile: path of `lacuna.yaml`.
    ///   - once: work through what is there, then return.
    ///   - dryRun: say what would be done and write nothing.
    ///   - version: shown by `lacuna status`.
    ///   - pageDirectory: where the files of the status page lie; `nil` where none are installed.
    ///   - worker: looks at files, and inpaints scans unless the configuration names another executor.
    ///   - logger: by default one that writes to the journal, or to standard error.
    ///   - onProgress: told twice a second how far a run with `once` has come.
    public init(
        configurationFile: String, once: Bool = false, dryRun: Bool = false, version: String,
        pageDirectory: String? = nil, worker: any ScanWorker = ChildProcessWorker(),
        logger: Logger = Logger(label: "lacuna") { _ in JournalLogHandler() },
        onProgress: (@Sendable (BatchProgress) -> Void)? = nil
    ) {
        self.configurationFile = configurationFile
        isOnce = once
        isDryRun = dryRun
        self.version = version
        self.worker = worker
        self.pageDirectory = pageDirectory
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Runs until SIGTERM or SIGINT, or with `once` until nothing is left to do.
    ///
    /// - Returns: with `once`, what the run came to, also when it was interrupted.
    /// - Throws: ``BeamlineError``; ``WorkerFailure`` when the network cannot be used.
    public func run() async throws -> BatchReport? {
        // A client or a child that goes away while it is written to must not end the daemon.
        signal(SIGPIPE, SIG_IGN)
        let configuration: Configuration
        do {
            configuration = try Configuration(contentsOf: configurationFile)
        } catch {
            throw BeamlineError.configuration(error)
        }
        let lock =
            isDryRun ? nil : try StateLock(directory: configuration.stateDirectory, configuration: configurationFile)
        defer { withExtendedLifetime(lock) {} }
        let journal = Journal(logger: logger)
        let manager = Systemd()
        let context = DaemonContext(
            ledger: try openLedger(configuration, journal), worker: worker(of: configuration.executor, journal),
            journal: journal, manager: manager,
            watchdog: Watchdog(manager: manager, interval: Systemd.watchdogInterval))
        let daemon = Daemon(
            configuration: configuration, configurationFile: configurationFile, context: context, version: version,
            once: isOnce, dryRun: isDryRun, pageDirectory: pageDirectory)
        let control = isDryRun ? nil : try freeControl(of: daemon, journal)
        try await daemon.prepare()

        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)
        ]
        if !isOnce { services.append(.init(service: Reloader(daemon: daemon))) }
        if let control { services.append(.init(service: control)) }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "lacuna.services") { _ in SwiftLogNoOpLogHandler() }
        )
        group.maximumGracefulShutdownDuration = .seconds(15)
        let progress = tellProgress(of: daemon)
        defer { progress?.cancel() }
        try await ServiceGroup(configuration: group).run()
        return try await daemon.batchReport()
    }

    /// The server of the daemon's state, where nobody else listens; a run over past scans goes on without it.
    private func freeControl(of daemon: Daemon, _ journal: Journal) throws -> ControlServer? {
        let control = daemon.controlServer
        do {
            try control.prepareSocket()
            try control.requireFreeAddress()
            return control
        } catch let error as BeamlineError where isOnce {
            guard case .addressInUse = error else { throw error }
            journal.warn(.statusUnavailable, "this run does not answer lacuna status: \(error)")
            return nil
        }
    }

    private func worker(of executor: Executor, _ journal: Journal) -> any ScanWorker {
        guard case .slurm(let settings) = executor else { return worker }
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "lacuna"
        // What the kernel says of a program that was replaced since; the nodes run the new one.
        let executable = path.hasSuffix(" (deleted)") ? String(path.dropLast(" (deleted)".count)) : path
        return SlurmWorker(
            looks: worker, queue: SlurmQueue(settings: settings, executable: executable, journal: journal))
    }

    private func tellProgress(of daemon: Daemon) -> Task<Void, any Error>? {
        guard isOnce, let onProgress else { return nil }
        return Task {
            while true {
                try await Task.sleep(for: .milliseconds(500))
                onProgress(try await daemon.batchProgress())
            }
        }
    }

    /// What a daemon did already is not to be done, as far as this user may know of it.
    private func dryLedger(_ configuration: Configuration, _ journal: Journal) throws -> Ledger {
        do {
            return try Ledger.inMemory(as: configuration.stateDirectory)
        } catch {
            let ledger = Ledger.path(in: configuration.stateDirectory)
            journal.error("\(ledger) cannot be read (\(error)): scans that are finished are shown as to be done")
            return try Ledger.inMemory()
        }
    }

    private func openLedger(_ configuration: Configuration, _ journal: Journal) throws -> Ledger {
        do {
            guard !isDryRun else { return try dryLedger(configuration, journal) }
            return try Ledger.rebuiltIfDamaged(directory: configuration.stateDirectory, journal: journal)
        } catch {
            throw BeamlineError.stateDirectory(configuration.stateDirectory, reason: "\(error)")
        }
    }
}
