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
    /// What was seen in hidden gaps: of the method itself, and of the same gaps filled in two other ways.
    var pccHidden: Double?
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

extension ScanRecord {
    /// Moves the scan to the state that a look at it calls for.
    mutating func decide(_ verdict: ScanAssessment.Verdict, retries: RetryPolicy, at now: Date) {
        switch verdict {
        case .unchanged: break
        case .wait(let reason, _, _): (state, self.reason) = (.waiting, reason)
        case .ready(let remark): (state, reason, self.remark) = (.ready, nil, remark)
        case .skip(let reason): (state, self.reason) = (.skipped, reason)
        case .stale(let reason): (state, self.reason) = (.stale, reason)
        case .fail(let reason): fail(reason, retries: retries, at: now)
        }
    }

    /// Counts a failure: the scan is tried again later, or quarantined.
    mutating func fail(_ reason: String, retries: RetryPolicy, at now: Date) {
        attempts += 1
        self.reason = reason
        state = attempts < retries.attempts ? .failed : .quarantined
        nextAttempt = state == .failed ? now + retries.pause(afterAttempt: attempts) : nil
    }

    /// Has the scan tried again later without counting a failure, since the reason lies elsewhere.
    mutating func postpone(_ reason: String, until date: Date) {
        self.reason = reason
        state = .failed
        nextAttempt = date
    }

    /// Interruptions in a row up to which none is a fault of the scan.
    private static let interruptionLimit = 10

    /// Has the scan begun again after its work was ended from outside: at once the first time, later each further time in a
    /// row, and as a failure where there is no end of it, since the scan itself may bring down what works on it.
    mutating func interrupt(_ reason: String, retries: RetryPolicy, at now: Date) {
        crashes += 1
        switch crashes {
        case 1: (state, self.reason) = (.ready, reason)
        case 2...Self.interruptionLimit: postpone(reason, until: now + retries.pause(afterAttempt: crashes - 1))
        default: fail("\(reason), \(crashes) times in a row", retries: retries, at: now)
        }
    }

    /// Takes over the outcome of a scan that was inpainted.
    mutating func succeed(_ report: InpaintReport) {
        state = .done
        reason = nil
        replaces = nil
        let remarks = Set(report.remarks).union(remark.map { [$0] } ?? [])
        remark = remarks.isEmpty ? nil : remarks.sorted().joined(separator: "; ")
        attempts = 0
        detector = report.detector ?? detector
        method = report.method
        pcc = report.quality.pcc
        pccHidden = report.selfCheck?.pcc
        pccLinear = report.quality.pccLinear
        pccKriging = report.quality.pccKriging
        misfit = report.quality.misfit
        verdict = report.gaps.map(\.summary).flatMap { $0.isEmpty ? nil : $0 }
        seconds = report.seconds.total
        output = report.output
    }
}
