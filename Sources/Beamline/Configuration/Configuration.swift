public import Conventions
internal import Foundation
public import Settings
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
    /// Whether everybody who can reach that address may put scans back and pause them; otherwise it only shows.
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
        settings.series = root?.series
        settings.profile = root?.profile ?? settings.profile
        return settings
    }

    /// What is to be read before any scan is: all detectors that are named, with each profile that is.
    var settingsToCheck: [ProcessingSettings] {
        let profiles = Set(roots.map { $0.profile ?? processing.profile }).sorted()
        return (profiles.isEmpty ? [processing.profile] : profiles).map { profile in
            var settings = processing
            settings.detectorsAllowed = roots.flatMap { $0.detectors ?? [] }
            settings.profile = profile
            return settings
        }
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

/// One watched directory tree and the rules for the scans in it.
public struct WatchedRoot: Sendable, Equatable {
    /// How changes in the tree are noticed.
    public enum Events: String, CaseIterable, Sendable {
        case inotify
        case poll
        /// inotify, but polling on network file systems, whose remote changes cause no events.
        case auto
    }

    /// Absolute, without a trailing slash; see ``template`` for one that stands for several.
    public var path: String
    /// The only detectors whose scans are taken; `nil` for all that are known.
    public var detectors: [String]?
    /// Where the tree is mirrored with the outputs; `nil` to write beside the raw files.
    public var outputDirectory: String?
    /// Whether outputs go where the raw file's path has `PROCESSED_DATA` in place of `RAW_DATA`.
    public var replacesRawData = false
    /// The threshold, from 1, whose images are taken where a detector has several; `nil` for the first.
    public var threshold: Int?
    /// What becomes of several exposures at each point; `nil` to take each as a frame where the file tells them apart.
    public var series: ExposureUse?
    /// The facility whose profile its files follow: a name, or the path of a file; `nil` to find out.
    public var profile: String?
    public var events = Events.auto
    /// Which files below are looked at.
    public var paths = PathRules()
    public var titles = TitleRules()
    /// Quiet time after which a layout without an end marker counts as finished.
    public var settleSeconds = 5.0
    /// Time after which a scan without an end is given up.
    public var staleAfterMinutes = 60.0

    public init(path: String) {
        self.path = path
    }

    /// Set where the path stands for several trees.
    var template: PathTemplate? {
        let template = PathTemplate(path)
        return template.isPattern ? template : nil
    }

    /// Whether a file below this root is looked at.
    func takes(_ path: String) -> Bool { paths.takes(relativePath(of: path)) }

    /// The trees that are there now of those for which the path stands.
    func trees() -> [WatchedRoot] {
        guard let template else { return [self] }
        return template.directories().map { path, values in
            var tree = self
            tree.path = path
            tree.outputDirectory = outputDirectory.map { PathTemplate.filled($0, with: values) }
            return tree
        }
    }

    /// Whether a path lies below this root.
    public func contains(_ path: String) -> Bool {
        self.path == "/" || path.hasPrefix(self.path + "/")
    }

    /// The path below this root, without a leading slash.
    public func relativePath(of path: String) -> String {
        String(path.dropFirst(self.path == "/" ? 1 : self.path.count + 1))
    }
}

/// Where scans are inpainted; looks at files are always taken on the daemon's own machine.
public enum Executor: Sendable, Equatable {
    /// On the daemon's machine, one after another.
    case local
    /// As jobs of a Slurm cluster.
    case slurm(SlurmSettings)

    /// What the configuration calls them.
    enum Name: String, CaseIterable {
        case local, slurm
    }

    /// How many scans are in work at a time, at most.
    var scansInWork: Int {
        switch self {
        case .local: 1
        case .slurm(let settings): settings.jobs
        }
    }
}

/// How jobs are submitted to Slurm: the `slurm` block.
public struct SlurmSettings: Sendable, Equatable {
    /// Through which jobs and daemon talk; at the same path on every node, and of this daemon alone.
    public var directory: String
    /// Jobs that are in the queue or run at a time.
    public var jobs = 16
    /// `nil` for the cluster's default.
    public var partition: String?
    /// `nil` for the user's default.
    public var account: String?
    /// Further options of sbatch(1), which override all others.
    public var options: [String] = []

    public init(directory: String) {
        self.directory = directory
    }
}

extension Configuration {
    /// Where a daemon keeps the configuration that it works with.
    static func inForceFile(in stateDirectory: String) -> String { stateDirectory + "/in-force.yaml" }

    /// Keeps the text of an accepted configuration, for commands that meet a faulty one; failing to is no harm.
    static func keep(_ text: String, in stateDirectory: String) {
        try? Data(text.utf8).write(to: URL(filePath: inForceFile(in: stateDirectory)), options: .atomic)
    }

    /// A configuration to find a daemon by, and what is wrong with its file.
    ///
    /// Of a faulty file, the state directory and the socket are looked for line by line; where a daemon has kept the
    /// configuration that it works with, that is taken.
    /// - Throws: ``SettingsError`` where the file cannot be read at all.
    public static func inForce(_ file: String) throws(SettingsError) -> (Configuration, fault: SettingsError?) {
        do {
            return (try Configuration(contentsOf: file), nil)
        } catch {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw FileManager.default.fileExists(atPath: file)
                    ? error
                    : SettingsError(
                        file: file, line: nil, key: "", problem: "no such configuration; --config names another")
            }
            var configuration = Configuration(roots: [])
            if let found = path(after: /state:\s*\{?\s*directory:/, in: text) { configuration.stateDirectory = found }
            if let found = path(after: /socket:/, in: text) { configuration.controlSocket = found }
            let kept = try? Configuration(contentsOf: inForceFile(in: configuration.stateDirectory))
            return (kept ?? configuration, error)
        }
    }

    /// The path that follows a key.
    private static func path(after key: Regex<Substring>, in text: String) -> String? {
        guard let match = text.firstMatch(of: key) else { return nil }
        let rest = text[match.range.upperBound...].drop { " \t\"'".contains($0) }
        let path = rest.prefix { !$0.isNewline && !"\"', }#".contains($0) }
        return path.hasPrefix("/") ? String(path) : nil
    }
}
