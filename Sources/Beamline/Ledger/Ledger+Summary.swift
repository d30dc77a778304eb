internal import Foundation
internal import GRDB
internal import WorkMessages

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

    /// The output of a scan that is done.
    func output(of id: Int64) async throws -> String? {
        try await database.read { database in
            let sql = "SELECT output FROM scan WHERE id = ? AND state = 'done'"
            return try String.fetchOne(database, sql: sql, arguments: [id])
        }
    }
}
