internal import Foundation
internal import GRDB
internal import WorkMessages

/// One scan as the ledger knows it: a row of the table `scan`.
struct ScanRecord: Codable, Sendable, Equatable, Identifiable {
    var id: Int64?
    /// Absolute path of the raw file.
    var file: String
    /// The HDF5 entry; empty for a file that cannot be read at all.
    var entry: String
    /// The BLISS scan number.
    var scan: Int?
    /// What the name of the output has after the stem of the file; `nil` in records of versions that kept none.
    var label: String?
    var title: String?
    var state: ScanState
    /// Why the scan is in this state, where that is not plain.
    var reason: String?
    /// What a person should know about the scan or its result, e.g. that it was aborted.
    var remark: String?
    var detector: String?
    /// Changes with the raw data; see ``InspectedScan/fingerprint``.
    var fingerprint: String
    /// When the raw data was last seen to change.
    var changedAt: Date
    /// Failures since the raw data last changed.
    var attempts = 0
    /// Times the daemon was ended from outside, one after the other, while the scan was in work.
    var crashes = 0
    var nextAttempt: Date?
    /// Of the latest work on the scan; see ``InpaintJob/ticket``.
    var ticket: String?
    var output: String?
    /// Whether a person said that an output of the scan which was written by hand may be replaced.
    var replaces: Bool?
    var method: String?
    var pcc: Double?
    /// The same hidden voxels, filled by linear interpolation and by kriging.
    var pccLinear: Double?
    var pccKriging: Double?
    var misfit: Double?
    /// What is said of the gaps, e.g. `trust 6 px; leave free 41 px`.
    var verdict: String?
    var seconds: Double?
    var createdAt: Date
    var updatedAt: Date

    init(file: String, entry: String, scan: Int? = nil, state: ScanState, at now: Date) {
        self.file = file
        self.entry = entry
        self.scan = scan
        self.state = state
        fingerprint = ""
        changedAt = now
        createdAt = now
        updatedAt = now
    }

    /// The scan as people name it, e.g. `/data/s_0001.h5#7`, or `…#7.2` and `…#7.1/instrument/mpx1x4` for one of several.
    var name: String {
        guard let scan else { return file }
        let key = entry.drop { $0 == "/" }
        return "\(file)#" + (key.isEmpty || key == "\(scan).1" ? "\(scan)" : key)
    }

    /// The label of the output's name.
    var outputLabel: String { label ?? scan.map { String(format: "_scan%04d", $0) } ?? "" }
}

extension ScanRecord: FetchableRecord, MutablePersistableRecord {
    static let databaseTableName = "scan"
    static let databaseColumnDecodingStrategy = DatabaseColumnDecodingStrategy.convertFromSnakeCase
    static let databaseColumnEncodingStrategy = DatabaseColumnEncodingStrategy.convertToSnakeCase

    enum Columns {
        static let state = Column("state")
        static let file = Column("file")
        static let entry = Column("entry")
        static let scan = Column("scan")
        static let crashes = Column("crashes")
        static let changedAt = Column("changed_at")
        static let updatedAt = Column("updated_at")
    }

    mutating func didInsert(_ inserted: InsertionSuccess) {
        id = inserted.rowID
    }
}
