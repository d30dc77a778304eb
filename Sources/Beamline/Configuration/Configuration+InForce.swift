internal import Foundation
public import Settings

extension Configuration {
    /// Where a daemon keeps the configuration that it works with.
    static func inForceFile(in stateDirectory: String) -> String { stateDirectory + "/in-force.yaml" }

    /// Keeps the text of an accepted configuration, for commands that meet a faulty one; failing to is no harm.
    static func keep(_ text: String, in stateDirectory: String) {
        try? Data(text.utf8).write(to: URL(filePath: inForceFile(in: stateDirectory)), options: .atomic)
    }

    /// A configuration to find a daemon by, and what is wrong with its file.
    ///
    /// Of a faulty file, the state directory and the socket are looked for line by line; where a daemon has kept the
    /// configuration that it works with, that is taken.
    /// - Throws: ``SettingsError`` where the file cannot be read at all.
    public static func inForce(_ file: String) throws(SettingsError) -> (Configuration, fault: SettingsError?) {
        do {
            return (try Configuration(contentsOf: file), nil)
        } catch {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { throw error }
            var configuration = Configuration(roots: [])
            if let found = path(after: /state:\s*\{?\s*directory:/, in: text) { configuration.stateDirectory = found }
            if let found = path(after: /socket:/, in: text) { configuration.controlSocket = found }
            let kept = try? Configuration(contentsOf: inForceFile(in: configuration.stateDirectory))
            return (kept ?? configuration, error)
        }
    }

    /// The path that follows a key.
    private static func path(after key: Regex<Substring>, in text: String) -> String? {
        guard let match = text.firstMatch(of: key) else { return nil }
        let rest = text[match.range.upperBound...].drop { " \t\"'".contains($0) }
        let path = rest.prefix { !$0.isNewline && !"\"', }#".contains($0) }
        return path.hasPrefix("/") ? String(path) : nil
    }
}
