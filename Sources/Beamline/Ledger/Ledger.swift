internal import Foundation
internal import GRDB
internal import Glibc
internal import WorkMessages

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
    ///
    /// - Parameter directory: a state directory, from whose ledger it takes over all that is known, if there is one.
    static func inMemory(as directory: String? = nil) throws -> Ledger {
        let database = try DatabaseQueue()
        if let directory, access(path(in: directory), F_OK) == 0 {
            try readOnly(directory: directory).database.backup(to: database)
        }
        try LedgerSchema.migrator.migrate(database)
        return Ledger(database)
    }

    /// Opens the ledger of a daemon that may not be running, without writing anything.
    static func readOnly(directory: String) throws -> Ledger {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        return Ledger(try DatabaseQueue(path: pathToRead(in: directory), configuration: configuration))
    }

    /// A ledger that no daemon has open is complete in its one file: SQLite is told so, since it else makes files beside
    /// it, and where it may not, as for any user but the daemon's, reads nothing.
    private static func pathToRead(in directory: String) -> String {
        let path = path(in: directory)
        var log = stat()
        let hasLog = stat(path + "-wal", &log) == 0 && log.st_size > 0
        guard !hasLog, !StateLock.isHeld(directory: directory) else { return path }
        let reserved = CharacterSet(charactersIn: "%?#").inverted
        return "file:\(path.addingPercentEncoding(withAllowedCharacters: reserved) ?? path)?immutable=1"
    }

    static func path(in directory: String) -> String { directory + "/ledger.sqlite" }
}

/// The tables of the ledger; each change of them is one more migration, never a change of an earlier one.
enum LedgerSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 files and scans") { database in
            try database.create(table: "file", options: .withoutRowID) { table in
                table.primaryKey("path", .text)
                table.column("size", .integer).notNull()
                table.column("modified_nanoseconds", .integer).notNull()
                table.column("inode", .integer).notNull()
                table.column("outcome", .text).notNull()
            }
            try database.create(table: "scan") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("file", .text).notNull()
                table.column("entry", .text).notNull()
                table.column("scan", .integer)
                table.column("title", .text)
                table.column("state", .text).notNull()
                table.column("reason", .text)
                table.column("remark", .text)
                table.column("detector", .text)
                table.column("fingerprint", .text).notNull()
                table.column("changed_at", .datetime).notNull()
                table.column("attempts", .integer).notNull()
                table.column("crashes", .integer).notNull()
                table.column("next_attempt", .datetime)
                table.column("output", .text)
                table.column("method", .text)
                table.column("pcc", .double)
                table.column("misfit", .double)
                table.column("seconds", .double)
                table.column("created_at", .datetime).notNull()
                table.column("updated_at", .datetime).notNull()
                table.uniqueKey(["file", "entry"])
            }
            try database.create(index: "scan_by_state", on: "scan", columns: ["state", "changed_at"])
            try database.create(table: "transition") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("scan_id", .integer).notNull().indexed().references("scan", onDelete: .cascade)
                table.column("at", .datetime).notNull()
                table.column("state", .text).notNull()
                table.column("reason", .text)
            }
        }
        migrator.registerMigration("2 other methods on the same gaps") { database in
            try database.alter(table: "scan") { table in
                table.add(column: "pcc_linear", .double)
                table.add(column: "pcc_kriging", .double)
            }
        }
        migrator.registerMigration("3 work that outlives the daemon") { database in
            try database.alter(table: "scan") { $0.add(column: "ticket", .text) }
        }
        migrator.registerMigration("4 several scans of one number") { database in
            try database.alter(table: "scan") { $0.add(column: "label", .text) }
        }
        migrator.registerMigration("5 leave to replace what was written by hand") { database in
            try database.alter(table: "scan") { $0.add(column: "replaces", .boolean) }
        }
        migrator.registerMigration("6 what is said of the gaps") { database in
            try database.alter(table: "scan") { $0.add(column: "verdict", .text) }
        }
        migrator.registerMigration("7 pauses, submissions and notices") { database in
            try database.create(table: "paused_tree", options: .withoutRowID) { table in
                table.primaryKey("path", .text)
                table.column("since", .datetime).notNull()
            }
            try database.create(table: "submission") { table in
                table.autoIncrementedPrimaryKey("number")
                table.column("file", .text).notNull().unique()
            }
            try database.create(table: "hook", options: .withoutRowID) { table in
                table.primaryKey("target", .text)
                table.column("told", .integer).notNull()
            }
        }
        migrator.registerMigration("8 the method itself on hidden gaps") { database in
            try database.alter(table: "scan") { $0.add(column: "pcc_hidden", .double) }
        }
        return migrator
    }
}

extension Ledger {
    /// How many scans are in each state.
    func counts() async throws -> [ScanState: Int] {
        try await database.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT state, COUNT(*) FROM scan GROUP BY state")
            return Dictionary(
                rows.compactMap { row in ScanState(rawValue: row[0]).map { ($0, row[1] as Int) } },
                uniquingKeysWith: +
            )
        }
    }

    /// The scans in some states, latest first.
    func latest(_ states: [ScanState], limit: Int) async throws -> [ScanRecord] {
        try await database.read { database in
            try ScanRecord
                .filter(states.map(\.rawValue).contains(ScanRecord.Columns.state))
                .order(ScanRecord.Columns.updatedAt.desc)
                .limit(limit)
                .fetchAll(database)
        }
    }

    /// A scan by its number.
    func scan(numbered id: Int64) async throws -> ScanRecord? {
        try await database.read { try ScanRecord.fetchOne($0, key: id) }
    }
}
