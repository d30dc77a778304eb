public import Settings
public import WorkMessages

/// Why the daemon, or a command that talks to it, cannot do what it was told.
public enum BeamlineError: CausedError, Sendable, Equatable, CustomStringConvertible {
    case configuration(SettingsError)
    case stateDirectory(String, reason: String)
    case controlSocket(String, reason: String)
    case alreadyRunning(stateDirectory: String, process: Int?)
    /// Another daemon watches this tree, or one above or below it.
    case treeInUse(String)
    /// SQLite cannot make sense of the file any more.
    case ledgerDamaged(String, reason: String)
    /// A name given to `lacuna retry` that no scan has.
    case unknownScan(String)
    /// Neither the daemon nor its ledger could be reached.
    case noDaemon(String)

    public var cause: FailureCause {
        switch self {
        case .configuration, .stateDirectory, .controlSocket, .unknownScan: .configuration
        case .alreadyRunning, .treeInUse, .ledgerDamaged, .noDaemon: .internalFailure
        }
    }

    public var description: String {
        switch self {
        case .configuration(let error): error.description
        case .stateDirectory(let path, let reason): "the state directory \(path) cannot be used: \(reason)"
        case .controlSocket(let path, let reason): "the control socket \(path) cannot be made: \(reason)"
        case .alreadyRunning(let directory, let process):
            "another daemon\(process.map { " (process \($0))" } ?? "") works with the state directory \(directory)"
        case .treeInUse(let tree): "another daemon watches \(tree), or a tree above or below it"
        case .ledgerDamaged(let path, let reason):
            "the ledger \(path) is damaged and will be rebuilt at the next start: \(reason)"
        case .unknownScan(let name): "no scan is known as “\(name)”; give its number, its file or file#scan"
        case .noDaemon(let reason): "the daemon is not running, and its ledger cannot be read: \(reason)"
        }
    }
}
