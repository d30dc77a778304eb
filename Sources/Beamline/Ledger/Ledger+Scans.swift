internal import Conventions
internal import Foundation
internal import GRDB
internal import WorkMessages

extension Ledger {
    /// The scans of a file by entry.
    func scans(in file: String) async throws -> [String: ScanRecord] {
        try await database.read { database in
            let records = try ScanRecord.filter(ScanRecord.Columns.file == file).fetchAll(database)
            return Dictionary(records.map { ($0.entry, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Writes a scan down and, where its state or the reason changed, the moment in its timeline.
    @discardableResult
    func save(_ record: ScanRecord) async throws -> ScanRecord {
        try await database.write { try Self.save(record, in: $0) }
    }

    /// Writes a scan down, unless somebody else has changed its state since it was read.
    ///
    /// - Parameter known: the scan as it was read; `nil` for a new one.
    /// - Returns: whether it was written.
    func update(_ record: ScanRecord, from known: ScanRecord?) async throws -> Bool {
        try await database.write { database in
            let current = try known.flatMap { try ScanRecord.fetchOne(database, key: $0.id) }
            guard current?.state == known?.state else { return false }
            try Self.save(record, in: database)
            if known?.state == .processing, record.state.isSettled,
                let submission = try Self.submissionNumber(of: record.file, in: database)
            {
                try Self.endSubmission(submission, in: database)
            }
            return true
        }
    }

    /// The next scan to take into work: what somebody asked for first, and one that was in work when the daemon was ended
    /// after the others.
    ///
    /// - Parameters:
    ///   - oldestFirst: the oldest data rather than the newest.
    ///   - isWanted: scans that are not are passed over.
    func peekReady(
        oldestFirst: Bool, where isWanted: @escaping @Sendable (ScanRecord) -> Bool = { _ in true }
    ) async throws -> ScanRecord? {
        try await database.read { database in
            let age = ScanRecord.Columns.changedAt
            let ready =
                try ScanRecord
                .filter(ScanRecord.Columns.state == ScanState.ready.rawValue)
                .filter(sql: Self.mayBeTaken)
                .order(
                    SQL(sql: Self.submittedFirst).sqlExpression, ScanRecord.Columns.crashes.asc,
                    oldestFirst ? age.asc : age.desc
                )
                .fetchCursor(database)
            while let record = try ready.next() {
                if isWanted(record) { return record }
            }
            return nil
        }
    }

    /// Moves a ready scan into work, with a ticket of its own; `nil` where it is not ready any more.
    ///
    /// - Parameter output: where its output will lie.
    func take(_ id: Int64?, output: String, at now: Date) async throws -> ScanRecord? {
        try await database.write { database in
            guard var record = try ScanRecord.fetchOne(database, key: id), record.state == .ready else { return nil }
            record.state = .processing
            record.output = output
            record.reason = nil
            record.ticket = "\(record.id ?? 0)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
            record.updatedAt = now
            return try Self.save(record, in: database)
        }
    }

    /// Where the outputs of all other scans lie, or will lie, that have files of the same stem.
    func outputs(besidesThatOf record: ScanRecord) async throws -> Set<String> {
        try await database.read { database in
            let directory = AbsolutePath.directory(of: record.file)
            let stem = AbsolutePath.joined(directory, String(FileNames.stem(of: AbsolutePath.name(of: record.file))))
            let outputs = try String.fetchAll(
                database,
                sql: "SELECT output FROM scan WHERE output NOT NULL AND file >= ? AND file < ? AND id IS NOT ?",
                arguments: [stem, stem + "\u{10FFFF}", record.id])
            return Set(outputs)
        }
    }

    /// Puts scans that were in work when the daemon was ended from outside back into the queue.
    ///
    /// A scan to which that happened `limit` times in a row is quarantined.
    /// - Returns: the scans as they stand now.
    func recover(crashLimit limit: Int, at now: Date) async throws -> [ScanRecord] {
        try await database.write { database in
            var records =
                try ScanRecord
                .filter(ScanRecord.Columns.state == ScanState.processing.rawValue).fetchAll(database)
            for index in records.indices {
                records[index].crashes += 1
                let crashes = records[index].crashes
                records[index].state = crashes < limit ? .ready : .quarantined
                records[index].reason =
                    crashes < limit
                    ? "taken up again after the daemon was ended"
                    : "was in work \(crashes) times in a row when the daemon was ended from outside"
                records[index].updatedAt = now
                records[index] = try Self.save(records[index], in: database)
            }
            return records
        }
    }

    /// Brings attempts forward that are further away than any pause is, since the clock was set back.
    func bringForwardAttempts(to latest: Date) async throws {
        try await database.write { database in
            try database.execute(
                sql: "UPDATE scan SET next_attempt = ? WHERE next_attempt > ?", arguments: [latest, latest])
        }
    }

    /// Files with scans that need another look, with the time of it; `nil` for now.
    func filesToRevisit() async throws -> [(file: String, at: Date?)] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT file, MIN(COALESCE(next_attempt, '')) FROM scan
                    WHERE state IN ('discovered', 'waiting', 'failed') GROUP BY file
                    """
            ).map { ($0[0], ($0[1] as String).isEmpty ? nil : $0[1] as Date?) }
        }
    }

    /// Scans that were left out for their title: number, file and title.
    func scansSkippedByTitle() async throws -> [(id: Int64, file: String, title: String)] {
        try await database.read { database in
            let sql = "SELECT id, file, title FROM scan WHERE state = 'skipped' AND reason LIKE ? AND title NOT NULL"
            return try Row.fetchAll(database, sql: sql, arguments: [TitleRules.reasonPrefix + "%"])
                .map { ($0[0], $0[1], $0[2]) }
        }
    }

    /// Forgets a file: what was not settled in it is left out.
    func forget(file: String, reason: String = "the file is gone", at now: Date) async throws {
        try await database.write { database in
            try database.execute(sql: "DELETE FROM file WHERE path = ?", arguments: [file])
            for var record in try ScanRecord.filter(ScanRecord.Columns.file == file).fetchAll(database)
            where !record.state.isSettled && record.state != .processing {
                record.state = .skipped
                record.reason = reason
                record.fingerprint = ""
                record.updatedAt = now
                try Self.save(record, in: database)
            }
        }
    }

    /// Removes the note that a file could not be read at all.
    func removeUnreadableNote(of file: String) async throws {
        try await database.write { database in
            _ =
                try ScanRecord
                .filter(ScanRecord.Columns.file == file && ScanRecord.Columns.entry == "").deleteAll(database)
        }
    }

    @discardableResult
    static func save(_ record: ScanRecord, in database: Database) throws -> ScanRecord {
        var record = record
        let known = try record.id.flatMap { try ScanRecord.fetchOne(database, key: $0) }
        try record.save(database)
        if known?.state != record.state || known?.reason != record.reason {
            try database.execute(
                sql: "INSERT INTO transition (scan_id, at, state, reason) VALUES (?, ?, ?, ?)",
                arguments: [record.id, record.updatedAt, record.state.rawValue, record.reason]
            )
        }
        return record
    }
}
