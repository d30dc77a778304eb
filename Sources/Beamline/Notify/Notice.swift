internal import Foundation
internal import GRDB
internal import WorkMessages

/// What a hook is told of one change of one scan.
struct Notice: Encodable, Sendable {
    /// Grows with each change; a notice that is told twice, since the daemon was killed meanwhile, has the same.
    var id: Int64
    var time: Date
    /// The scan as it is now, but with state and reason of the change.
    var scan: StatusReport.Scan

    /// As one object of JSON.
    var json: Data {
        get throws { try StatusReport.encoder.encode(self) }
    }
}

/// The ledger's timeline of each scan is the queue of notices, so that none is lost when the daemon is killed.
extension Ledger {
    /// Begins to tell some hooks, of what happens from now on, and forgets those that are not among them.
    func tell(only targets: [String]) async throws {
        try await database.write { database in
            for target in targets {
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO hook (target, told)
                        VALUES (?, IFNULL((SELECT MAX(id) FROM transition), 0))
                        """,
                    arguments: [target])
            }
            for known in try String.fetchAll(database, sql: "SELECT target FROM hook") where !targets.contains(known) {
                try database.execute(sql: "DELETE FROM hook WHERE target = ?", arguments: [known])
            }
        }
    }

    /// The next change that a hook is to be told of.
    func nextNotice(for target: String, states: Set<ScanState>) async throws -> Notice? {
        try await database.read { database in
            let wanted = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT id, scan_id, at, state, reason FROM transition
                    WHERE id > (SELECT told FROM hook WHERE target = ?) AND state IN (\(wanted)) ORDER BY id LIMIT 1
                    """,
                arguments: [target])
            guard let row, let record = try ScanRecord.fetchOne(database, key: row["scan_id"] as Int64),
                let state = ScanState(rawValue: row["state"])
            else { return nil }
            var scan = StatusReport.Scan(record)
            (scan.state, scan.reason) = (state, row["reason"])
            return Notice(id: row["id"], time: row["at"], scan: scan)
        }
    }

    /// Notes that a hook was told everything up to a notice.
    func noteTold(_ target: String, upTo id: Int64) async throws {
        try await database.write { database in
            try database.execute(sql: "UPDATE hook SET told = ? WHERE target = ?", arguments: [id, target])
        }
    }

    /// Elements whenever the timeline of a scan grew.
    func growth() -> AsyncValueObservation<Int64?> {
        ValueObservation.tracking { try Int64.fetchOne($0, sql: "SELECT MAX(id) FROM transition") }
            .values(in: database, bufferingPolicy: .bufferingNewest(1))
    }
}
