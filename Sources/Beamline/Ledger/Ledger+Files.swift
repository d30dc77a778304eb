internal import Foundation
internal import GRDB
internal import Glibc

extension Ledger {
    /// Those of the files that are not as they were when they were last looked at, or were never looked at.
    ///
    /// A file that could not be read counts as changed once it can be: a permission leaves size and time as they are.
    func changed(
        _ files: [SeenFile], isReadable: @Sendable (String) -> Bool = Ledger.isReadable
    ) async throws -> [SeenFile] {
        try await database.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT size, modified_nanoseconds, inode, outcome FROM file WHERE path = ?"
            )
            return try files.filter { file in
                guard let row = try Row.fetchOne(statement, arguments: [file.path]) else { return true }
                let known = FileStamp(size: row[0], modifiedNanoseconds: row[1], inode: row[2])
                return known != file.stamp || row[3] == Self.unreadable && isReadable(file.path)
            }
        }
    }

    /// Remembers files as they were when they were looked at.
    func remember(
        _ files: [SeenFile], outcome: String, isReadable: @Sendable (String) -> Bool = Ledger.isReadable
    ) async throws {
        try await database.write { database in
            let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)")
            for file in files {
                let stamp = file.stamp
                try statement.execute(arguments: [
                    file.path, stamp.size, stamp.modifiedNanoseconds, stamp.inode,
                    isReadable(file.path) ? outcome : Self.unreadable,
                ])
            }
        }
    }

    /// What the last look at a file ended with, and how the file was then; `nil` where there was none.
    func lastLook(at path: String) async throws -> (outcome: String, stamp: FileStamp)? {
        try await database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT outcome, size, modified_nanoseconds, inode FROM file WHERE path = ?",
                arguments: [path]
            ).map { ($0[0], FileStamp(size: $0[1], modifiedNanoseconds: $0[2], inode: $0[3])) }
        }
    }

    /// The outcome of a look at a file that this user may not read.
    static let unreadable = "may not be read"

    static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 || errno != EACCES }
}

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
