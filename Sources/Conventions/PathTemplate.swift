internal import Foundation
internal import Glibc

/// A shell pattern for one name, as in fnmatch(3).
struct NamePattern {
    private let pattern: String

    init(_ pattern: String) { self.pattern = pattern }

    func matches(_ name: String) -> Bool { fnmatch(pattern, name, 0) == 0 }
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
