internal import Foundation
internal import GRDB

extension Ledger {
    /// Opens the ledger of a state directory; a damaged one is moved aside, and a new one takes over what can be read of
    /// it.
    ///
    /// - Parameters:
    ///   - journal: where it is said if the ledger was damaged.
    static func rebuiltIfDamaged(directory: String, journal: Journal, now: Date = Date()) throws -> Ledger {
        do {
            let ledger = try Ledger(directory: directory)
            try ledger.check()
            return ledger
        } catch  where isDamage(error) {
            let aside = try moveAside(in: directory, now: now)
            let ledger = try Ledger(directory: directory)
            let scans = ledger.takeOver(from: aside)
            journal.warn(
                .ledgerRebuilt,
                "the ledger was damaged (\(error)) and is \(aside) now; \(scans) scans were taken over from it, "
                    + "others are done anew")
            return ledger
        }
    }

    /// Whether an error says that the file is no sound SQLite database.
    static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    }

    /// - Throws: an error for which ``isDamage(_:)`` holds, where the file's pages do not fit together.
    private func check() throws {
        let finding = try database.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard finding == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: finding) }
    }

    /// Gives the ledger, with what SQLite keeps beside it, a name that says when.
    private static func moveAside(in directory: String, now: Date) throws -> String {
        let time = now.formatted(.iso8601.timeSeparator(.omitted)).replacing("Z", with: "")
        let aside = "\(directory)/ledger-damaged-\(time).sqlite"
        for ending in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path(in: directory) + ending) {
            try FileManager.default.moveItem(atPath: path(in: directory) + ending, toPath: aside + ending)
        }
        return aside
    }

    /// Copies what can be read of a damaged ledger and returns the number of scans; their history is left behind.
    private func takeOver(from path: String) -> Int {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        guard let damaged = try? DatabaseQueue(path: path, configuration: configuration) else { return 0 }
        for order in ["ASC", "DESC"] {
            // Each table is read from both ends up to the damage.
            damaged.inDatabase { old in
                copy(from: old, "SELECT * FROM scan ORDER BY id \(order)") { row, new in
                    var record = try ScanRecord(row: row)
                    try record.insert(new, onConflict: .ignore)
                }
                for (table, columns) in [("paused_tree", "path, since"), ("submission", "number, file")] {
                    copy(from: old, "SELECT \(columns) FROM \(table) ORDER BY 1 \(order)") { row, new in
                        try new.execute(
                            sql: "INSERT OR IGNORE INTO \(table) (\(columns)) VALUES (?, ?)",
                            arguments: StatementArguments(row.databaseValues))
                    }
                }
                copy(from: old, "SELECT * FROM file ORDER BY path \(order)") { row, new in
                    try new.execute(
                        sql: "INSERT OR IGNORE INTO file VALUES (?, ?, ?, ?, ?)",
                        arguments: StatementArguments(row.databaseValues))
                }
            }
        }
        return (try? database.read { try ScanRecord.fetchCount($0) }) ?? 0
    }

    private func copy(from old: Database, _ sql: String, _ insert: (Row, Database) throws -> Void) {
        try? database.write { new in
            guard let rows = try? Row.fetchCursor(old, sql: sql) else { return }
            // A row that makes no sense, e.g. of a state that nobody knows, is left behind.
            while let row = try? rows.next() { try? insert(row, new) }
        }
    }
}
