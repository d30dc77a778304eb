public import StatusSite
public import WorkMessages

/// What the daemon was told to do: the content of `lacuna.yaml`.
///
/// Read with ``init(contentsOf:)``; every key but `version` and `watch` may be left out.
public struct Configuration: Sendable, Equatable {
    /// The directory trees that are watched, in the order of the file.
    public var roots: [WatchedRoot]
    /// How a scan is inpainted.
    public var processing = ProcessingSettings()
    /// Where scans are inpainted.
    public var executor = Executor.local
    /// Where the ledger and the lock file lie.
    public var stateDirectory = "/var/lib/lacuna"
    /// The Unix socket on which `lacuna status` and `lacuna retry` talk to the daemon.
    public var controlSocket = "/run/lacuna/lacuna.sock"
    /// Where the state is shown over HTTP; `nil` for nowhere.
    public var statusAddress: HostAndPort? = HostAndPort(host: "127.0.0.1", port: 8391)
    /// Whether everybody who can reach that address may put scans back; otherwise it only shows.
    public var allowsRetry = false
    /// Whom the daemon tells of scans that ended.
    public var hooks: [Hook] = []
    public var retries = RetryPolicy()
    /// Below this much free space beside an output, in MiB, no scan is taken.
    public var minimumFreeSpaceMiB = 1024

    public init(roots: [WatchedRoot]) {
        self.roots = roots
    }

    /// Where the daemon writes, or its jobs do, besides its state.
    var placesWritten: [String] {
        let outputs = roots.map { $0.outputDirectory ?? $0.path }
        guard case .slurm(let settings) = executor else { return outputs }
        return outputs + [settings.directory]
    }

    /// The same with each tree that is there now in place of the patterns that stand for it.
    func withTrees() -> Configuration {
        var configuration = self
        configuration.roots = []
        // A tree that is named counts before a pattern that matches it, too.
        for root in roots.filter({ $0.template == nil }) + roots.filter({ $0.template != nil }) {
            for tree in root.trees() where !configuration.roots.contains(where: { $0.path == tree.path }) {
                configuration.roots.append(tree)
            }
        }
        return configuration
    }

    /// How scans of a tree are looked at and inpainted.
    func settings(for root: WatchedRoot?) -> ProcessingSettings {
        var settings = processing
        settings.detectorsAllowed = root?.detectors
        settings.threshold = root?.threshold
        return settings
    }

    /// The innermost watched tree that holds a file.
    public func root(of path: String) -> WatchedRoot? {
        roots.filter { $0.contains(path) }.max { $0.path.utf8.count < $1.path.utf8.count }
    }
}

/// How often a failed scan is tried, and when again.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts before a scan is quarantined.
    public var attempts = 3
    /// Pause after the first failure; doubled after each further one.
    public var backoffSeconds = 30.0

    /// For what only a person can change.
    static let none = RetryPolicy(attempts: 1)

    public init(attempts: Int = 3, backoffSeconds: Double = 30) {
        self.attempts = attempts
        self.backoffSeconds = backoffSeconds
    }

    /// Seconds to wait after the failure of attempt number `attempt` (from 1).
    func pause(afterAttempt attempt: Int) -> Double {
        (1..<max(1, min(attempt, 16))).reduce(backoffSeconds) { pause, _ in pause * 2 }
    }
}
