public import Foundation

/// The state of the daemon: the object that `lacuna status --json` prints.
public struct StatusReport: Codable, Sendable, Equatable {
    /// One scan as it stands.
    public struct Scan: Codable, Sendable, Equatable {
        /// Its number in the ledger, as `lacuna retry` takes it.
        public var id: Int64
        public var file: String
        public var scan: Int?
        public var title: String?
        public var state: ScanState
        public var reason: String?
        /// What a person should know about the scan or its result, e.g. that it was aborted.
        public var remark: String?
        public var detector: String?
        public var output: String?
        /// How the gaps were filled.
        public var method: String?
        /// Correlation of log(1+I) to be expected in the gaps themselves.
        public var pcc: Double?
        /// That seen in hidden gaps, which lie elsewhere: of the method, and of linear interpolation and kriging in the same.
        public var pccHidden: Double?
        public var pccLinear: Double?
        public var pccKriging: Double?
        /// Squared error in hidden gaps in units of what photon noise alone gives; 1 is the limit.
        public var misfit: Double?
        /// What is said of the gaps, e.g. `trust 6 px; leave free 41 px`.
        public var verdict: String?
        public var seconds: Double?
        public var attempts: Int
        /// When a scan that failed is tried again.
        public var nextAttempt: Date?
        public var updated: Date

        package init(id: Int64, file: String, scan: Int?, state: ScanState, attempts: Int, updated: Date) {
            self.id = id
            self.file = file
            self.scan = scan
            self.state = state
            self.attempts = attempts
            self.updated = updated
        }

        enum CodingKeys: String, CodingKey {
            case id, file, scan, title, state, reason, remark, detector, output, method, pcc, misfit, seconds, attempts
            case verdict
            case nextAttempt = "next_attempt"
            case updated
            case pccHidden = "pcc_hidden"
            case pccLinear = "pcc_linear"
            case pccKriging = "pcc_kriging"
        }
    }

    /// Whether a daemon answered, or holds the ledger; otherwise this is what its ledger remembers.
    public var running: Bool
    public var pid: Int32?
    public var version: String?
    public var configuration: String?
    public var uptimeSeconds: Double?
    public var counts: [String: Int]
    /// The scan in work; where several are, that which was taken first.
    public var current: CurrentWork?
    /// All that are in work, that first which was taken first.
    public var inWork: [CurrentWork]?
    /// Scans that are ready to be taken.
    public var queueLength: Int
    /// The next scans, ready or waited for, latest first.
    public var queue: [Scan]
    /// Why scans wait that are ready, where that is so.
    public var paused: String?
    /// The directories whose scans somebody has paused; absent where there are none.
    public var pausedTrees: [PausedTree]?
    /// The last results, newest first.
    public var last: [Scan]
    /// Failed and quarantined scans, newest first.
    public var failed: [Scan]

    package init(running: Bool, counts: [String: Int], queueLength: Int, queue: [Scan], last: [Scan], failed: [Scan]) {
        self.running = running
        self.counts = counts
        self.queueLength = queueLength
        self.queue = queue
        self.last = last
        self.failed = failed
    }

    enum CodingKeys: String, CodingKey {
        case running, pid, version, configuration, counts, current, queue, paused, last, failed
        case inWork = "in_work"
        case pausedTrees = "paused_trees"
        case uptimeSeconds = "uptime_seconds"
        case queueLength = "queue_length"
    }
}

/// A scan in work.
public struct CurrentWork: Codable, Sendable, Equatable {
    public var file: String
    public var scan: Int?
    public var detector: String?
    public var started: Date
    public var stage: String?
    /// Steps finished in this stage, and steps in all.
    public var done: Int?
    public var total: Int?
    /// Seconds until the end of this stage, as its pace so far lets expect.
    public var etaSeconds: Double?
    private var stageStarted: Date

    enum CodingKeys: String, CodingKey {
        case file, scan, detector, started, stage, done, total
        case etaSeconds = "eta_seconds"
        case stageStarted = "stage_started"
    }

    package init(file: String, scan: Int?, detector: String?, started: Date) {
        self.file = file
        self.scan = scan
        self.detector = detector
        self.started = started
        stageStarted = started
    }

    /// Takes over how far the work has come.
    package mutating func advance(_ progress: WorkProgress, at now: Date) {
        if stage != progress.stage { stageStarted = now }
        stage = progress.stage
        done = progress.done
        total = progress.total
        let elapsed = now.timeIntervalSince(stageStarted)
        let left = Double(progress.total - progress.done)
        etaSeconds = progress.done > 0 && elapsed > 0 ? elapsed / Double(progress.done) * left : nil
    }
}

extension StatusReport {
    /// Writes and reads reports as JSON, with keys in snake case and times in ISO 8601.
    public static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return encoder
    }

    package static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}

/// Where a scan stands in its life.
public enum ScanState: String, Codable, Sendable, CaseIterable {
    /// Known, to be looked at.
    case discovered
    /// Its end has not come yet.
    case waiting
    /// Complete, to be taken.
    case ready
    /// In work.
    case processing
    case done
    /// Left out on purpose; the reason says why.
    case skipped
    /// Went wrong and will be tried again.
    case failed
    /// Went wrong as often as is allowed.
    case quarantined
    /// Given up, since its end never came.
    case stale

    /// Whether nothing happens to the scan any more unless its raw data changes.
    public var isSettled: Bool { Self.settled.contains(self) }

    package static let settled: [ScanState] = [.done, .skipped, .quarantined, .stale]
}
