/// Which files of a watched tree are looked at: shell patterns for their names or paths.
///
/// A pattern without a slash is compared with the name of the file and of each directory above it, one with a slash with
/// the whole path below the tree, where `**` stands for any number of directories.
public struct PathRules: Sendable, Equatable {
    /// A file must match one of these; all do where the list is empty …
    public var included: [String]
    /// … and none of these.
    public var excluded: [String]

    public init(included: [String] = [], excluded: [String] = []) {
        self.included = included
        self.excluded = excluded
    }

    /// Whether a file is looked at.
    ///
    /// - Parameter path: its path below the tree, without a leading slash.
    public func takes(_ path: String) -> Bool {
        let components = path.split(separator: "/").map(String.init)
        func isMatched(by pattern: String) -> Bool {
            guard pattern.contains("/") else { return components.contains { NamePattern(pattern).matches($0) } }
            return Self.matches(components[...], pattern.split(separator: "/").map(String.init)[...])
        }
        return (included.isEmpty || included.contains(where: isMatched)) && !excluded.contains(where: isMatched)
    }

    /// A pattern that ends before the path does takes everything below.
    private static func matches(_ path: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return true }
        let rest = pattern.dropFirst()
        if first == "**" {
            return rest.isEmpty || path.indices.contains { matches(path[$0...], rest) }
        }
        guard let name = path.first, NamePattern(first).matches(name) else { return false }
        return matches(path.dropFirst(), rest)
    }
}
