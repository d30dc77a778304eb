internal import Foundation
internal import GRDB
internal import WorkMessages

/// What people have said about the order of work, which outlives the daemon as the scans do.
extension Ledger {
    // MARK: Pauses

    /// Has the scans below a directory wait from now on, or go on again; one that is in work goes on.
    ///
    /// - Returns: what is paused then.
    func pause(_ request: PauseRequest, at now: Date) async throws -> [PausedTree] {
        try await database.write { database in
            if request.isPaused {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO paused_tree (path, since) VALUES (?, ?)",
                    arguments: [request.path, now])
            } else {
                // The root lets all of them go on.
                try database.execute(
                    sql: "DELETE FROM paused_tree WHERE ? IN ('/', path)", arguments: [request.path])
            }
        }
        return try await pausedTrees()
    }

    /// The directories whose scans wait.
    func pausedTrees() async throws -> [PausedTree] {
        try await database.read { database in
            // The ledger of an older version, which no daemon has opened since, has no such table.
            guard try database.tableExists("paused_tree") else { return [] }
            return try Row.fetchAll(database, sql: "SELECT path, since FROM paused_tree ORDER BY path")
                .map { PausedTree(path: $0[0], since: $0[1]) }
        }
    }

    // MARK: Submissions

    /// Has the scans of a file come first, those that went wrong or were left out once more.
    func submit(_ file: String, at now: Date) async throws {
        let anew = try await database.write { database in
            try database.execute(sql: "INSERT OR IGNORE INTO submission (file) VALUES (?)", arguments: [file])
            try database.execute(sql: "DELETE FROM file WHERE path = ?", arguments: [file])
            let states: [ScanState] = [.failed, .quarantined, .stale, .skipped]
            return
                try ScanRecord
                .filter(ScanRecord.Columns.file == file && states.map(\.rawValue).contains(ScanRecord.Columns.state))
                .fetchAll(database).compactMap(\.id)
        }
        _ = try await retry(.named(anew.map { "\($0)" }), at: now)
    }

    /// How a file that was submitted fares.
    func submission(of file: String) async throws -> Submission {
        try await database.read { database in
            let number = try Self.submissionNumber(of: file, in: database)
            let scans = try ScanRecord.filter(ScanRecord.Columns.file == file).fetchAll(database)
            return Submission(file: file, isPending: number != nil, scans: scans.map(StatusReport.Scan.init))
        }
    }

    /// Tells submissions of the same file apart; `nil` where the file is none.
    func submissionNumber(of file: String) async throws -> Int64? {
        try await database.read { try Self.submissionNumber(of: file, in: $0) }
    }

    static func submissionNumber(of file: String, in database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT number FROM submission WHERE file = ?", arguments: [file])
    }

    /// Ends a submission whose file was looked at, unless one of its scans is not settled yet.
    func endSubmission(_ number: Int64) async throws {
        try await database.write { try Self.endSubmission(number, in: $0) }
    }

    static func endSubmission(_ number: Int64, in database: Database) throws {
        let settled = ScanState.settled.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        try database.execute(
            sql: """
                DELETE FROM submission WHERE number = ? AND NOT EXISTS
                (SELECT 1 FROM scan WHERE scan.file = submission.file AND state NOT IN (\(settled)))
                """,
            arguments: [number])
    }

    /// The files that come first, in the order in which they were asked for.
    func submittedFiles() async throws -> [String] {
        try await database.read { try String.fetchAll($0, sql: "SELECT file FROM submission ORDER BY number") }
    }

    // MARK: The order of work

    /// Whether a row of `scan` may be taken: it is not paused, or somebody asked for it. A path below a directory sorts
    /// between the directory with `/` and with `0`, the next character.
    static let mayBeTaken = """
        EXISTS (SELECT 1 FROM submission WHERE submission.file = scan.file) OR NOT EXISTS
        (SELECT 1 FROM paused_tree WHERE scan.file >= RTRIM(path, '/') || '/' AND scan.file < RTRIM(path, '/') || '0')
        """

    /// Sorts rows of `scan`: those that somebody asked for come first, in the order in which they were asked for.
    static let submittedFirst =
        "IFNULL((SELECT number FROM submission WHERE submission.file = scan.file), \(Int64.max))"
}

extension Ledger {
    /// Puts scans back to be looked at anew, with all their attempts.
    ///
    /// - Returns: the scans that were put back; of a file with several scans, one in work stays there.
    /// - Throws: ``BeamlineError/unknownScan(_:)`` for a name that no scan has, ``BeamlineError/inWork(_:process:)`` for one
    ///   whose scans are all in work; nothing is changed then.
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
                if found.allSatisfy({ $0.state == .processing }) {
                    let names = found.map(\.name).joined(separator: ", ")
                    throw BeamlineError.inWork(names == name ? name : "\(name) (\(names))", process: nil)
                }
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
