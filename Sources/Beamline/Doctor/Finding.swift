/// One thing that `lacuna doctor` looked at, and how it stands.
public struct Finding: Codable, Sendable, Equatable {
    public enum Level: String, Codable, Sendable {
        case ok
        /// It works, but a person should know.
        case warning
        /// Scans will not be processed, or not as configured.
        case problem
    }

    /// What was looked at: `configuration`, `state`, `tree`, `output`, `unit`, `slurm`, `inotify`, `filters`, `detectors`,
    /// `weights`, `page`, `space`, `clock`, `daemon`, `socket`, `scans`.
    public var check: String
    /// Which one: a path, for most.
    public var subject: String
    public var level: Level
    public var message: String
    /// The command that mends it; absent where nothing is to be mended.
    public var remedy: String?

    static func ok(_ check: String, _ subject: String, _ message: String) -> Finding {
        Finding(check: check, subject: subject, level: .ok, message: message)
    }

    static func warning(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check: check, subject: subject, level: .warning, message: message, remedy: remedy)
    }

    static func problem(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check: check, subject: subject, level: .problem, message: message, remedy: remedy)
    }
}
