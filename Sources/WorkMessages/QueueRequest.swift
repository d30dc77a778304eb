public import Foundation

/// Has the scans of a directory wait, or go on again: `lacuna pause` and `lacuna resume`.
public struct PauseRequest: Codable, Sendable, Equatable {
    /// An absolute path, with everything below it; `/` for all scans.
    public var path: String
    /// Otherwise they go on.
    public var isPaused: Bool

    public init(_ path: String, isPaused: Bool) {
        self.path = path
        self.isPaused = isPaused
    }
}

/// A directory whose scans wait until somebody lets them go on.
public struct PausedTree: Codable, Sendable, Equatable {
    public var path: String
    public var since: Date

    package init(path: String, since: Date) {
        self.path = path
        self.since = since
    }

}

extension [PausedTree] {
    /// For people, e.g. `/data/a (by hand since 2026-11-28T12:03:08Z)`; `nil` where nothing is paused.
    public var text: String? {
        guard !isEmpty else { return nil }
        return map { "\($0.path == "/" ? "all scans" : $0.path) (by hand since \($0.since.formatted(.iso8601)))" }
            .joined(separator: ", ")
    }
}

/// What is paused after a request.
public struct PauseAnswer: Codable, Sendable, Equatable {
    public var trees: [PausedTree]
    /// Whether a daemon took the request; otherwise it is in the ledger for the next one.
    public var running: Bool

    package init(_ trees: [PausedTree], running: Bool = true) {
        self.trees = trees
        self.running = running
    }
}

/// A file whose scans come first: what `lacuna submit` asks for and waits for.
public struct Submission: Codable, Sendable, Equatable {
    /// The absolute path of the file.
    public var file: String
    /// Whether its scans still come first: it was not looked at yet, or one of them is not settled.
    public var isPending: Bool
    /// What is known of its scans.
    public var scans: [StatusReport.Scan]
    /// Its scan in work.
    public var work: CurrentWork?
    /// Whether a daemon answered.
    public var running = true

    package init(file: String, isPending: Bool, scans: [StatusReport.Scan]) {
        self.file = file
        self.isPending = isPending
        self.scans = scans
    }
}

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
