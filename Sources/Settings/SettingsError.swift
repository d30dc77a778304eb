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
