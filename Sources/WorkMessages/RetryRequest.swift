/// Which scans are put back into the queue.
public enum RetrySelection: Codable, Sendable, Equatable {
    /// Scans named by their number in the ledger, by the path of their file, or by `path#scan`.
    case named([String])
    /// All that failed or are quarantined or stale.
    case failed
}

/// A request to put scans back into the queue.
public struct RetryRequest: Codable, Sendable, Equatable {
    public var selection: RetrySelection
    /// Whether an output of the scan which was written by hand may be replaced.
    public var replaces: Bool

    public init(_ selection: RetrySelection, replaces: Bool = false) {
        self.selection = selection
        self.replaces = replaces
    }

    public static let failed = RetryRequest(.failed)

    public static func named(_ names: [String]) -> RetryRequest { RetryRequest(.named(names)) }
}

/// What became of a request to put scans back.
public struct RetryAnswer: Codable, Sendable, Equatable {
    /// The scans that were put back, as `file#scan`.
    public var scans: [String]
    /// Why nothing was put back, e.g. a name that no scan has.
    public var problem: String?
    /// Whether a daemon took the request; otherwise it is in the ledger for the next one.
    public var running: Bool

    public init(scans: [String], problem: String? = nil, running: Bool = true) {
        self.scans = scans
        self.problem = problem
        self.running = running
    }
}
