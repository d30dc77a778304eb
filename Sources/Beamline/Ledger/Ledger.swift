internal import GRDB

/// The memory of the daemon, an SQLite file: which files were looked at, and how every scan in them fared.
///
/// A restart neither repeats nor forgets, because nothing that matters is kept elsewhere.
final class Ledger: Sendable {
    let database: DatabaseQueue

    private init(_ database: DatabaseQueue) {
        self.database = database
    }

    /// Opens the ledger of a state directory and brings it up to date.
    convenience init(directory: String) throws {
        var configuration = GRDB.Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512") }
        let database = try DatabaseQueue(path: Self.path(in: directory), configuration: configuration)
        try LedgerSchema.migrator.migrate(database)
        self.init(database)
    }

    /// A ledger that is gone when the process ends, for dry runs.
    static func inMemory() throws -> Ledger {
        let database = try DatabaseQueue()
        try LedgerSchema.migrator.migrate(database)
        return Ledger(database)
    }

    /// Opens the ledger of a daemon that may not be running, without writing anything.
    static func readOnly(directory: String) throws -> Ledger {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        return Ledger(try DatabaseQueue(path: path(in: directory), configuration: configuration))
    }

    static func path(in directory: String) -> String { directory + "/ledger.sqlite" }
}
