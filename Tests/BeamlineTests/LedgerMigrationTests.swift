import Foundation
import GRDB
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// Ledgers as earlier versions left them on the disk, their tables written down here as they were then.
@Suite struct LedgerMigrationTests {
    private static let first = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        CREATE TABLE "file" ("path" TEXT PRIMARY KEY NOT NULL, "size" INTEGER NOT NULL,
            "modified_nanoseconds" INTEGER NOT NULL, "inode" INTEGER NOT NULL, "outcome" TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE "scan" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "file" TEXT NOT NULL, "entry" TEXT NOT NULL,
            "scan" INTEGER, "title" TEXT, "state" TEXT NOT NULL, "reason" TEXT, "remark" TEXT, "detector" TEXT,
            "fingerprint" TEXT NOT NULL, "changed_at" DATETIME NOT NULL, "attempts" INTEGER NOT NULL,
            "crashes" INTEGER NOT NULL, "next_attempt" DATETIME, "output" TEXT, "method" TEXT, "pcc" DOUBLE,
            "misfit" DOUBLE, "seconds" DOUBLE, "created_at" DATETIME NOT NULL, "updated_at" DATETIME NOT NULL,
            UNIQUE ("file", "entry"));
        CREATE INDEX "scan_by_state" ON "scan"("state", "changed_at");
        CREATE TABLE "transition" ("id" INTEGER PRIMARY KEY AUTOINCREMENT,
            "scan_id" INTEGER NOT NULL REFERENCES "scan"("id") ON DELETE CASCADE, "at" DATETIME NOT NULL,
            "state" TEXT NOT NULL, "reason" TEXT);
        CREATE INDEX "index_transition_on_scan_id" ON "transition"("scan_id");
        INSERT INTO grdb_migrations VALUES ('1 files and scans');
        """
    private static let later = [
        """
        ALTER TABLE "scan" ADD COLUMN "pcc_linear" DOUBLE; ALTER TABLE "scan" ADD COLUMN "pcc_kriging" DOUBLE;
        INSERT INTO grdb_migrations VALUES ('2 other methods on the same gaps');
        """,
        """
        ALTER TABLE "scan" ADD COLUMN "ticket" TEXT;
        INSERT INTO grdb_migrations VALUES ('3 work that outlives the daemon');
        """,
        """
        ALTER TABLE "scan" ADD COLUMN "label" TEXT;
        INSERT INTO grdb_migrations VALUES ('4 several scans of one number');
        """,
        """
        ALTER TABLE "scan" ADD COLUMN "replaces" BOOLEAN;
        INSERT INTO grdb_migrations VALUES ('5 leave to replace what was written by hand');
        """,
        """
        ALTER TABLE "scan" ADD COLUMN "verdict" TEXT;
        INSERT INTO grdb_migrations VALUES ('6 what is said of the gaps');
        """,
        """
        CREATE TABLE "paused_tree" ("path" TEXT PRIMARY KEY NOT NULL, "since" DATETIME NOT NULL) WITHOUT ROWID;
        CREATE TABLE "submission" ("number" INTEGER PRIMARY KEY AUTOINCREMENT, "file" TEXT NOT NULL UNIQUE);
        CREATE TABLE "hook" ("target" TEXT PRIMARY KEY NOT NULL, "told" INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO grdb_migrations VALUES ('7 pauses, submissions and notices');
        """,
        """
        ALTER TABLE "scan" ADD COLUMN "pcc_hidden" DOUBLE;
        INSERT INTO grdb_migrations VALUES ('8 the method itself on hidden gaps');
        """,
    ]
    private static let rows = """
        INSERT INTO file VALUES ('/d/a.h5', 10, 20, 30, 'bliss dataset');
        INSERT INTO scan (file, entry, scan, title, state, fingerprint, changed_at, attempts, crashes, output, method,
            pcc, seconds, created_at, updated_at, detector)
        VALUES ('/d/a.h5', '/7.1', 7, 'ascan eta', 'done', 'f', '2026-01-02 03:04:05.678', 1, 0, '/d/o.h5', 'network',
            0.9, 3.5, '2026-01-02 03:04:05.000', '2026-01-02 03:05:00.000', 'maxipix-2x2'),
            ('/d/a.h5', '/8.1', 8, 'ascan eta', 'ready', 'g', '2026-01-02 03:04:05.678', 2, 1, NULL, NULL, NULL, NULL,
            '2026-01-02 03:04:05.000', '2026-01-02 03:05:00.000', NULL);
        INSERT INTO "transition" (scan_id, at, state) VALUES (1, '2026-01-02 03:05:00.000', 'done');
        """

    @Test(arguments: 1...8) func anOlderLedgerIsBroughtUpToDateAndKeepsWhatItKnew(version: Int) async throws {
        let directory = try TemporaryDirectory()
        let old = try DatabaseQueue(path: Ledger.path(in: directory.path))
        try await old.write { database in
            for sql in [Self.first] + Self.later.prefix(version - 1) + [Self.rows] { try database.execute(sql: sql) }
        }
        try old.close()

        let ledger = try Ledger(directory: directory.path)
        let scans = try await ledger.scans(in: "/d/a.h5")
        let done = try #require(scans["/7.1"])
        #expect(done.state == .done && done.output == "/d/o.h5" && done.pcc == 0.9 && done.seconds == 3.5)
        #expect(done.name == "/d/a.h5#7" && done.outputLabel == "_scan0007" && done.detector == "maxipix-2x2")
        #expect(done.pccLinear == nil && done.ticket == nil && done.label == nil)
        let seen = SeenFile(path: "/d/a.h5", stamp: FileStamp(size: 10, modifiedNanoseconds: 20, inode: 30))
        #expect(try await ledger.changed([seen]).isEmpty)
        // The scan that was ready is taken, and its new columns are written.
        let ready = try #require(try await ledger.peekReady(oldestFirst: true))
        #expect(ready.entry == "/8.1" && ready.attempts == 2 && ready.crashes == 1)
        let taken = try #require(try await ledger.take(ready.id, output: "/d/p.h5", at: Date()))
        #expect(taken.state == .processing && taken.ticket != nil)
        #expect(try await ledger.counts() == [.done: 1, .processing: 1])
    }

    /// A change of an earlier migration would leave old and new ledgers with different tables.
    @Test func newLedgersHaveTheTablesOfOldOnes() async throws {
        func columns(_ database: DatabaseQueue) throws -> [String] {
            try database.read { database in
                try ["file", "scan", "transition", "paused_tree", "submission", "hook"].flatMap { table in
                    try database.columns(in: table).map {
                        "\(table).\($0.name) \($0.type) \($0.isNotNull) \($0.primaryKeyIndex)"
                    } + database.indexes(on: table).map { "\(table) \($0.columns) \($0.isUnique)" }.sorted()
                }
            }
        }
        let old = try DatabaseQueue()
        try await old.write { database in
            for sql in [Self.first] + Self.later { try database.execute(sql: sql) }
        }
        #expect(try columns(try Ledger.inMemory().database) == columns(old))
    }
}
