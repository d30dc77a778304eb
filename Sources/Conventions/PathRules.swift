internal import Foundation
internal import Glibc

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

/// A shell pattern for one name, as in fnmatch(3).
public struct NamePattern {
    private let pattern: String

    public init(_ pattern: String) { self.pattern = pattern }

    public func matches(_ name: String) -> Bool { fnmatch(pattern, name, 0) == 0 }

    /// Whether it matches no name but itself.
    public var isLiteral: Bool { !pattern.contains { "*?[\\".contains($0) } }
}

/// A path that stands for several directories: `/data/visitor/{proposal}/id01/{session}/RAW_DATA`.
///
/// A component may be a shell pattern, or a name in braces, which stands for any directory and can be used in other
/// paths. `/**` at the end says no more than that all below is meant, too.
public struct PathTemplate: Sendable, Equatable {
    public let text: String
    private let components: [String]

    public init(_ text: String) {
        self.text = text
        let components = text.split(separator: "/").map(String.init)
        self.components = components.last == "**" ? components.dropLast() : components
    }

    /// Whether it stands for more than one directory.
    public var isPattern: Bool { components.contains { Self.name(in: $0) != nil || Self.isGlob($0) } }

    /// The names in braces.
    public var names: [String] { components.compactMap(Self.name) }

    /// Whether a component is a shell pattern, whose matches cannot be told apart in other paths.
    public var hasGlobs: Bool { components.contains(where: Self.isGlob) }

    /// Whether `**` stands elsewhere than at the end.
    public var isTooDeep: Bool { components.contains("**") }

    /// The directories that are there now, sorted, each with what the names in braces stand for.
    public func directories() -> [(path: String, values: [String: String])] {
        var found = [(path: "/", values: [String: String]())]
        for component in components {
            found = found.flatMap { place in Self.step(from: place, to: component) }
        }
        return found
    }

    /// The path with names in braces filled in.
    public static func filled(_ text: String, with values: [String: String]) -> String {
        values.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    private static func step(
        from place: (path: String, values: [String: String]), to component: String
    ) -> [(path: String, values: [String: String])] {
        let name = name(in: component)
        guard name != nil || isGlob(component) else {
            let path = AbsolutePath.joined(place.path, component)
            return isDirectory(path) ? [(path, place.values)] : []
        }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return entries.sorted().compactMap { entry in
            guard FileNames.isTraversed(entry), name != nil || NamePattern(component).matches(entry) else { return nil }
            let path = AbsolutePath.joined(place.path, entry)
            guard isDirectory(path) else { return nil }
            return (path, name.map { place.values.merging([$0: entry]) { $1 } } ?? place.values)
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func name(in component: String) -> String? {
        guard component.hasPrefix("{"), component.hasSuffix("}"), component.count > 2 else { return nil }
        return String(component.dropFirst().dropLast())
    }

    private static func isGlob(_ component: String) -> Bool { component.contains { "*?[".contains($0) } }
}

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

/// What makes a scan worth filling.
public enum RockingScan {
    /// Frames that an aborted scan must have to be worth it.
    public static let fewestFrames = 3
}
