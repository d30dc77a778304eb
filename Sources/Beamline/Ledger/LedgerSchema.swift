internal import GRDB

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
        return migrator
    }
}
