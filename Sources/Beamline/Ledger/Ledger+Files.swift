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
