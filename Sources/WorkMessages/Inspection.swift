/// What is recognised in one input: the object that `lacuna inspect --json` prints.
///
/// Sizes are in axis order (frame, slow = row, fast = column).
public struct Inspection: Codable, Sendable, Equatable {
    /// Absolute path of the file that was looked at.
    public var input: String
    /// `bliss dataset`, `bliss master`, `lima`, `nexus`, `cxi`, `npz`, `npy`, `lacuna output` or `lacuna truth`.
    public var layout: String
    /// One element for each entry of the file; several for BLISS files.
    public var scans: [InspectedScan]
    /// Why the file holds no scan of its own, e.g. "links only; its scans are taken from their dataset files".
    public var notAScan: String?

    public init(input: String, layout: String, scans: [InspectedScan], notAScan: String? = nil) {
        self.input = input
        self.layout = layout
        self.scans = scans
        self.notAScan = notAScan
    }

    enum CodingKeys: String, CodingKey {
        case input, layout, scans
        case notAScan = "not_a_scan"
    }
}

/// One scan as found in a file.
public struct InspectedScan: Codable, Sendable, Equatable {
    public struct Detector: Codable, Sendable, Equatable {
        public var name: String
        /// Each statement that named it and the checks it passed, as readable text.
        public var evidence: [String]
        /// False where its description says that its scans are to be left alone.
        public var isEnabled: Bool
        /// False where it is not among those that were to be accepted.
        public var isAllowed: Bool

        public init(name: String, evidence: [String], isEnabled: Bool = true, isAllowed: Bool = true) {
            self.isAllowed = isAllowed
            self.name = name
            self.evidence = evidence
            self.isEnabled = isEnabled
        }

        enum CodingKeys: String, CodingKey {
            case name, evidence
            case isEnabled = "enabled"
            case isAllowed = "allowed"
        }
    }

    public struct Completeness: Codable, Sendable, Equatable {
        public enum State: String, Codable, Sendable {
            /// An end marker stands and every frame asked for was written.
            case complete
            /// An end marker stands, but fewer frames were written than were asked for.
            case aborted
            /// An end marker is due and does not stand yet.
            case running
            /// The layout knows no end marker; only quiet time can tell.
            case unmarked
        }
        public var state: State
        public var framesWritten: Int
        public var framesExpected: Int?
        /// The markers and counts that led to `state`, as readable text.
        public var evidence: [String]

        public init(state: State, framesWritten: Int, framesExpected: Int?, evidence: [String]) {
            self.state = state
            self.framesWritten = framesWritten
            self.framesExpected = framesExpected
            self.evidence = evidence
        }

        enum CodingKeys: String, CodingKey {
            case state, evidence
            case framesWritten = "frames_written"
            case framesExpected = "frames_expected"
        }
    }

    /// A band of masked rows or columns, half-open.
    public struct Gap: Codable, Sendable, Equatable {
        /// `row` or `column`.
        public var axis: String
        public var start: Int
        public var stop: Int
        public var width: Int

        public init(axis: String, start: Int, stop: Int) {
            self.axis = axis
            self.start = start
            self.stop = stop
            width = stop - start
        }
    }

    /// Why the scan cannot be inpainted as it stands.
    public struct Problem: Codable, Sendable, Equatable {
        public var cause: FailureCause
        public var message: String
        /// True where the file is in order and holds something else: a mask, a support, a reconstruction, an analysis.
        public var isNoScan = false

        public init(cause: FailureCause, message: String, isNoScan: Bool = false) {
            self.cause = cause
            self.message = message
            self.isNoScan = isNoScan
        }

        enum CodingKeys: String, CodingKey {
            case cause, message
            case isNoScan = "no_scan"
        }
    }

    /// The BLISS scan number; `nil` for layouts with one scan per file.
    public var scan: Int?
    /// The HDF5 entry, e.g. `/1.1`, or the group of the detector where several of a scan are taken.
    public var entry: String
    /// What the name of the output has after the stem of the file, e.g. `_scan0012`.
    public var label = ""
    /// What a person should know, e.g. which cameras are left out.
    public var remarks: [String] = []
    /// The facility's profile by which it was read; `nil` for none.
    public var profile: String?
    public var title: String?
    public var startTime: String?
    public var endTime: String?
    public var dataset: String?
    public var shape: [Int]?
    public var dtype: String?
    public var filters: [String] = []
    public var detector: Detector?
    public var completeness: Completeness?
    public var gaps: [Gap] = []
    /// Every file that holds frames of this scan.
    public var sources: [String] = []
    /// The longest time, in seconds, that passed so far from one of its files to the next, where each frame has its own.
    public var framePause: Double?
    /// Changes when the raw data of this scan changes: sizes and modification times of `sources`, and the end time.
    public var fingerprint = ""
    public var problem: Problem?

    public init(scan: Int?, entry: String) {
        self.scan = scan
        self.entry = entry
    }

    enum CodingKeys: String, CodingKey {
        case scan, entry, label, remarks, profile, title, dataset, shape, dtype, filters, detector, completeness, gaps,
            sources,
            fingerprint
        case problem
        case startTime = "start_time"
        case endTime = "end_time"
        case framePause = "frame_pause"
    }
}
