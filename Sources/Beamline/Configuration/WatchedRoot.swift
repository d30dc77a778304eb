public import Conventions

/// One watched directory tree and the rules for the scans in it.
public struct WatchedRoot: Sendable, Equatable {
    /// How changes in the tree are noticed.
    public enum Events: String, CaseIterable, Sendable {
        case inotify
        case poll
        /// inotify, but polling on network file systems, whose remote changes cause no events.
        case auto
    }

    /// Absolute, without a trailing slash.
    public var path: String
    /// The only detectors whose scans are taken; `nil` for all that are known.
    public var detectors: [String]?
    /// Where the tree is mirrored with the outputs; `nil` to write beside the raw files.
    public var outputDirectory: String?
    /// The threshold, from 1, whose images are taken where a detector has several; `nil` for the first.
    public var threshold: Int?
    public var events = Events.auto
    public var titles = TitleRules()
    /// Quiet time after which a layout without an end marker counts as finished.
    public var settleSeconds = 5.0
    /// Time after which a scan without an end is given up.
    public var staleAfterMinutes = 60.0

    public init(path: String) {
        self.path = path
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
