import Foundation
import GRDB

/// What the ledger of a daemon holds, read as any other program could.
struct LedgerFile {
    var path: URL

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        return try DatabaseQueue(path: path.plainPath, configuration: configuration).read(body)
    }

    /// How many scans are in each state.
    func counts() throws -> [String: Int] {
        try read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT state, COUNT(*) FROM scan GROUP BY state")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    /// The states through which each scan went, in order, by `<file>#<scan>`.
    func timelines() throws -> [String: [String]] {
        let sql = """
            SELECT scan.file, scan.scan, transition.state FROM transition JOIN scan ON scan.id = scan_id
            ORDER BY transition.id
            """
        return try read { database in
            try Row.fetchAll(database, sql: sql).reduce(into: [:]) { lines, row in
                lines["\(row[0] as String)\((row[1] as Int?).map { "#\($0)" } ?? "")", default: []].append(row[2])
            }
        }
    }

    /// The attempts that were counted, of all scans together.
    func attempts() throws -> Int? { try read { try Int.fetchOne($0, sql: "SELECT SUM(attempts) FROM scan") } }

    /// When the only scan of a file was first taken into work.
    func timeOfWork(on file: URL) throws -> Date? {
        let sql = """
            SELECT MIN(transition.at) FROM transition JOIN scan ON scan.id = scan_id
            WHERE transition.state = 'processing' AND scan.file = ?
            """
        return try read { try Date.fetchOne($0, sql: sql, arguments: [file.plainPath]) }
    }

    /// What SQLite finds wrong with the file; `ok` for nothing.
    func faults() throws -> String? {
        try read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
    }
}
