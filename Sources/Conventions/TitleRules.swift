internal import Glibc

/// Which scan titles are taken: shell patterns as in fnmatch(3), where `*` also matches slashes.
public struct TitleRules: Sendable, Equatable {
    /// A title must match one of these …
    public var taken = ["*scan *"]
    /// … and none of these.
    public var skipped = ["sxdm*", "kmap*", "ct*", "loopscan*", "timescan*", "*mesh*"]

    public init() {}

    public init(taken: [String], skipped: [String]) {
        self.taken = taken
        self.skipped = skipped
    }

    /// What every reason of these rules begins with.
    package static let reasonPrefix = "title "

    /// Why a scan of this title is left out; `nil` where it is taken.
    public func reasonToSkip(_ title: String) -> String? {
        if let pattern = skipped.first(where: { Self.matches(title, $0) }) {
            return "\(Self.reasonPrefix)“\(title)” matches “\(pattern)” of skip_titles"
        }
        if !taken.contains(where: { Self.matches(title, $0) }) {
            return "\(Self.reasonPrefix)“\(title)” matches none of titles"
        }
        return nil
    }

    private static func matches(_ title: String, _ pattern: String) -> Bool {
        fnmatch(pattern, title, 0) == 0
    }
}
