internal import Foundation
internal import GRDB
internal import WorkMessages

extension Ledger {
    /// Puts scans back to be looked at anew, with all their attempts.
    ///
    /// - Returns: the scans that were put back; a scan in work stays there.
    /// - Throws: ``BeamlineError/unknownScan(_:)`` for a name that no scan has; nothing is changed then.
    func retry(_ request: RetryRequest, at now: Date) async throws -> [ScanRecord] {
        try await database.write { database in
            var records = try Self.records(request.selection, in: database).filter { $0.state != .processing }
            for index in records.indices {
                records[index].state = .discovered
                records[index].reason = "put back by hand"
                records[index].replaces = request.replaces ? true : nil
                records[index].fingerprint = ""
                records[index].attempts = 0
                records[index].crashes = 0
                records[index].nextAttempt = nil
                records[index].updatedAt = now
                records[index] = try Self.save(records[index], in: database)
                try database.execute(sql: "DELETE FROM file WHERE path = ?", arguments: [records[index].file])
            }
            return records
        }
    }

    private static func records(_ selection: RetrySelection, in database: Database) throws -> [ScanRecord] {
        switch selection {
        case .failed:
            let states: [ScanState] = [.failed, .quarantined, .stale]
            return
                try ScanRecord
                .filter(states.map(\.rawValue).contains(ScanRecord.Columns.state)).fetchAll(database)
        case .named(let names):
            return try names.flatMap { name in
                let found = try records(named: name, in: database)
                guard !found.isEmpty else { throw BeamlineError.unknownScan(name) }
                return found
            }
        }
    }

    private static func records(named name: String, in database: Database) throws -> [ScanRecord] {
        // As `lacuna status` writes it, or without its sign.
        if let id = Int64(name.hasPrefix("#") ? name.dropFirst() : name[...]) {
            return try ScanRecord.filter(key: id).fetchAll(database)
        }
        let whole = try ScanRecord.filter(ScanRecord.Columns.file == name).fetchAll(database)
        if !whole.isEmpty { return whole }
        guard let hash = name.lastIndex(of: "#"), let scan = Int(name[name.index(after: hash)...]) else { return [] }
        return
            try ScanRecord
            .filter(ScanRecord.Columns.file == String(name[..<hash]) && ScanRecord.Columns.scan == scan)
            .fetchAll(database)
    }
}
