public import Settings
public import WorkMessages

/// Why the daemon, or a command that talks to it, cannot do what it was told.
public enum BeamlineError: CausedError, Sendable, Equatable, CustomStringConvertible {
    case configuration(SettingsError)
    case stateDirectory(String, reason: String)
    case controlSocket(String, reason: String)
    case alreadyRunning(stateDirectory: String, process: Int?)
    /// Another daemon watches this tree, or one above or below it.
    case treeInUse(String, process: Int32?)
    /// Something listens already where this daemon should: a socket or an address.
    case addressInUse(String, key: String, process: Int32?)
    /// The daemon may run, but its socket is not for this user.
    case notAllowed(String, group: String, user: String)
    /// SQLite cannot make sense of the file any more.
    case ledgerDamaged(String, reason: String)
    /// A name given to `lacuna retry` that no scan has.
    case unknownScan(String)
    /// A path given to `lacuna pause` or `lacuna submit` that no daemon looks at.
    case notWatched(String)
    /// Scans given to `lacuna retry` that are being worked on: by this process, or by none that is there still.
    case inWork(String, process: Int32?)
    /// No daemon runs, and none has left a ledger in this state directory.
    case noLedger(stateDirectory: String)
    /// Neither the daemon nor its ledger could be reached.
    case noDaemon(String)
    /// The daemon holds its state directory, but does not answer on its socket.
    case silentDaemon(socket: String, process: Int32?)

    public var cause: FailureCause {
        switch self {
        case .configuration, .stateDirectory, .controlSocket, .unknownScan, .notWatched, .notAllowed, .inWork:
            .configuration
        case .alreadyRunning, .addressInUse, .treeInUse, .ledgerDamaged, .noDaemon, .silentDaemon, .noLedger:
            .internalFailure
        }
    }

    public var description: String {
        switch self {
        case .configuration(let error): error.description
        case .stateDirectory(let path, let reason): "the state directory \(path) cannot be used: \(reason)"
        case .controlSocket(let path, let reason): "the control socket \(path) cannot be made: \(reason)"
        case .alreadyRunning(let directory, let process):
            "the state directory \(directory) is in use\(Self.by(process.map(Int32.init))); another daemon needs one of its "
                + "own (state.directory)"
        case .treeInUse(let tree, let process):
            "another daemon watches \(tree), or a tree above or below it\(Self.by(process, word: ": "))"
        case .addressInUse(let address, let key, let process):
            "\(address) is in use\(Self.by(process)); another daemon needs one of its own (\(key))"
        case .notAllowed(let socket, let group, let user):
            group == "root"
                ? "\(user) may not use the daemon's socket \(socket): the daemon runs as root; ask who started it"
                : "\(user) may not use the daemon's socket \(socket): add yourself to group \(group) (sudo usermod -aG "
                    + "\(group) \(user)), and log in again"
        case .ledgerDamaged(let path, let reason):
            "the ledger \(path) is damaged and will be rebuilt at the next start: \(reason)"
        case .unknownScan(let name): "no scan is known as “\(name)”; give its number, its file or file#scan"
        case .notWatched(let path): "\(path) lies in no tree that the configuration watches"
        case .inWork(let scan, let process):
            ResourceOwner.text(process).map {
                "\(scan) is being worked on by \($0); put it back when that has ended"
            } ?? "\(scan) was being worked on when the daemon ended; the next daemon takes it up by itself"
        case .noLedger(let directory):
            "no daemon is running, and none has left a ledger in \(directory) (state.directory); --config names the "
                + "configuration of another daemon"
        case .silentDaemon(let socket, let process):
            "the daemon runs\(Self.by(process, word: " as ")), but does not answer on \(socket): it hangs, or its disk is "
                + "full; its journal tells more"
        case .noDaemon(let reason): "the daemon is not running, and its ledger cannot be read: \(reason)"
        }
    }

    private static func by(_ process: Int32?, word: String = " by ") -> String {
        ResourceOwner.text(process).map { word + $0 } ?? ""
    }
}
