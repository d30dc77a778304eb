internal import Foundation
internal import Yams

/// One value of a YAML settings file that knows where it stands, so that every fault can be reported with its place.
///
/// A mapping is read through ``mapping(_:)``, which refuses keys that the reader did not ask for.
public struct SettingsValue {
    /// Path of the file as given.
    public let file: String
    /// The full key of this value, e.g. `processing.threads`; empty for the document.
    public let key: String
    private let node: Node

    private init(file: String, key: String, node: Node) {
        self.file = file
        self.key = key
        self.node = node
    }

    /// Reads a YAML file.
    ///
    /// - Throws: ``SettingsError`` when the file cannot be read, is not YAML or repeats a key.
    public init(contentsOf file: String) throws(SettingsError) {
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw SettingsError(file: file, line: nil, key: "", problem: Self.problem(file))
        }
        try self.init(yaml: text, file: file)
    }

    /// Why a file cannot be read as text.
    private static func problem(_ file: String) -> String {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return "no such file"
            case EACCES: return "permission denied"
            default: return String(cString: strerror(errno))
            }
        }
        close(descriptor)
        return "cannot be read as UTF-8 text"
    }

    /// Parses YAML text; `file` is used in messages.
    public init(yaml: String, file: String) throws(SettingsError) {
        do {
            let node = try Yams.compose(yaml: yaml) ?? Node([(Node, Node)]())
            self.init(file: file, key: "", node: node)
        } catch let error as YamlError {
            let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
            let start = error.line.flatMap { lines.indices.contains($0 - 1) ? lines[$0 - 1] : nil }?
                .prefix { $0.isWhitespace }
            let hasTab = start?.contains("\t") ?? false
            throw SettingsError(
                file: file, line: error.line, key: "",
                problem: hasTab ? "not valid YAML: a tab; indent with spaces" : error.summary)
        } catch {
            throw SettingsError(file: file, line: nil, key: "", problem: "not valid YAML: \(error)")
        }
    }

    /// Line in the file, from 1.
    public var line: Int? { node.mark?.line }

    /// An error at this value.
    public func error(_ problem: String) -> SettingsError {
        SettingsError(file: file, line: line, key: key, problem: problem)
    }

    public func string() throws(SettingsError) -> String {
        guard case .scalar(let scalar) = node else { throw expected("text") }
        return scalar.string
    }

    public func integer(in range: ClosedRange<Int> = 0...Int.max) throws(SettingsError) -> Int {
        guard let value = node.int else { throw expected("a whole number") }
        guard range.contains(value) else { throw error("\(value) is not \(Self.phrase(range))") }
        return value
    }

    public func number(in range: ClosedRange<Double> = -.infinity ... .infinity) throws(SettingsError) -> Double {
        guard let value = node.float, !value.isNaN else { throw expected("a number") }
        guard range.contains(value) else {
            throw error("\(value) is not \(Self.phrase(range))")
        }
        return value
    }

    public func boolean() throws(SettingsError) -> Bool {
        guard let value = node.bool else { throw expected("true or false") }
        return value
    }

    /// The elements of a sequence.
    public func list() throws(SettingsError) -> [SettingsValue] {
        guard case .sequence(let sequence) = node else { throw expected("a list") }
        return sequence.enumerated().map { SettingsValue(file: file, key: "\(key)[\($0.offset)]", node: $0.element) }
    }

    /// The elements of a sequence of texts.
    public func strings() throws(SettingsError) -> [String] {
        try list().map { (value) throws(SettingsError) in try value.string() }
    }

    /// Text that must be one of the cases of an enumeration.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type = Choice.self
    ) throws(SettingsError) -> Choice where Choice.RawValue == String {
        let text = try string()
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("“\(text)” is not one of \(known)")
        }
        return choice
    }

    /// Reads a mapping and refuses every key that `body` did not look up.
    public func mapping<Result>(
        _ body: (inout SettingsMapping) throws(SettingsError) -> Result
    ) throws(SettingsError) -> Result {
        guard case .mapping(let mapping) = node else { throw expected("a mapping of keys to values") }
        var values: [(name: String, line: Int?, value: SettingsValue)] = []
        for (name, value) in mapping {
            guard let text = name.string else { throw error("a key is not text") }
            let fullKey = key.isEmpty ? text : "\(key).\(text)"
            values.append((text, name.mark?.line, SettingsValue(file: file, key: fullKey, node: value)))
        }
        var reader = SettingsMapping(owner: self, values: values)
        let result = try body(&reader)
        try reader.refuseUnknownKeys()
        return result
    }

    private func expected(_ what: String) -> SettingsError {
        let found =
            switch node {
            case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "“\(scalar.string)”"
            case .mapping: "a mapping"
            case .sequence: "a list"
            case .alias: "an alias"
            }
        return error("expected \(what), found \(found)")
    }

    /// In words where one end is as good as none.
    private static func phrase(_ range: ClosedRange<Double>) -> String {
        let (isOpenBelow, isOpenAbove) = (
            range.lowerBound <= -.greatestFiniteMagnitude, range.upperBound >= .greatestFiniteMagnitude
        )
        switch (isOpenBelow, isOpenAbove) {
        case (true, true): return "a finite number"
        case (false, true): return "at least \(range.lowerBound)"
        case (true, false): return "at most \(range.upperBound)"
        case (false, false): return "within \(range.lowerBound)…\(range.upperBound)"
        }
    }

    private static func phrase(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max ? "at least \(range.lowerBound)" : "within \(range.lowerBound)…\(range.upperBound)"
    }
}

/// The keys of one mapping; each is looked up at most once by the code that reads it.
public struct SettingsMapping {
    private let owner: SettingsValue
    private let values: [(name: String, line: Int?, value: SettingsValue)]
    private var known: [String] = []

    fileprivate init(owner: SettingsValue, values: [(name: String, line: Int?, value: SettingsValue)]) {
        self.owner = owner
        self.values = values
    }

    /// The value of a key, or `nil` where the file leaves it out.
    public subscript(name: String) -> SettingsValue? {
        mutating get {
            known.append(name)
            return values.first { $0.name == name }?.value
        }
    }

    /// The value of a key that must be there.
    public mutating func required(_ name: String) throws(SettingsError) -> SettingsValue {
        guard let value = self[name] else {
            let close = values.first { $0.name.difference(from: name).count <= 2 && !known.contains($0.name) }
            throw SettingsError(
                file: owner.file, line: close?.line ?? owner.line, key: owner.key,
                problem: close.map { "unknown key “\($0.name)”; is “\(name)” meant, which is missing?" }
                    ?? "the key “\(name)” is missing")
        }
        return value
    }

    fileprivate func refuseUnknownKeys() throws(SettingsError) {
        guard let unknown = values.first(where: { !known.contains($0.name) }) else { return }
        throw SettingsError(
            file: owner.file, line: unknown.line, key: unknown.value.key,
            problem: "unknown key; known here: \(known.joined(separator: ", "))"
        )
    }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }

    fileprivate var summary: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            "not valid YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, _):
            "the key \(duplicates.map { "“\($0)”" }.joined(separator: ", ")) stands twice"
        default: "not valid YAML: \(self)"
        }
    }
}

/// A settings file that cannot be used: names the file, the line, the key and what was expected there.
public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    public var file: String
    /// Line in the file, from 1; `nil` where the fault has no single place.
    public var line: Int?
    /// The full key, e.g. `processing.threads` or `watch[1].path`; empty for the whole document.
    public var key: String
    public var problem: String

    public init(file: String, line: Int?, key: String, problem: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
    }

    public var description: String {
        var place = file
        if let line { place += ":\(line)" }
        return key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
    }
}
