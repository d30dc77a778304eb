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
