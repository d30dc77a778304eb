internal import GRDB

extension Ledger {
    /// Those of the files that are not as they were when they were last looked at, or were never looked at.
    func changed(_ files: [SeenFile]) async throws -> [SeenFile] {
        try await database.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT size, modified_nanoseconds, inode FROM file WHERE path = ?"
            )
            return try files.filter { file in
                guard let row = try Row.fetchOne(statement, arguments: [file.path]) else { return true }
                let known = FileStamp(size: row[0], modifiedNanoseconds: row[1], inode: row[2])
                return known != file.stamp
            }
        }
    }

    /// Remembers files as they were when they were looked at.
    func remember(_ files: [SeenFile], outcome: String) async throws {
        try await database.write { database in
            let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)")
            for file in files {
                let stamp = file.stamp
                try statement.execute(arguments: [
                    file.path, stamp.size, stamp.modifiedNanoseconds, stamp.inode, outcome,
                ])
            }
        }
    }
}
