/// Everything that is needed to inpaint one scan, the same from the daemon, which hands it to a child as one line of JSON,
/// and by hand.
public struct InpaintJob: Codable, Sendable, Equatable {
    /// Absolute path of the raw file.
    public var input: String
    /// One BLISS scan number; `nil` where the file holds one scan.
    public var scan: Int?
    /// Which of several of that number, e.g. `12.1/instrument/<detector>`; `nil` for all.
    public var entry: String?
    /// The HDF5 path of the stack of images; `nil` for the one that the layout names.
    public var dataset: String?
    /// The detector: a name, `auto` or `none`.
    public var detector = "auto"
    /// A mask, `file[::path]`, non-zero = fill; it replaces that of a detector that was not named.
    public var mask: String?
    /// Absolute path of the file that is written.
    public var output: String
    public var settings: ProcessingSettings
    /// Whether an output of the same scan that was written by hand is replaced.
    public var replaces = false
    /// Tells this piece of work from all that were ever begun, those on the same scan included.
    public var ticket: String

    public init(
        input: String, scan: Int?, entry: String? = nil, output: String, settings: ProcessingSettings,
        ticket: String = ""
    ) {
        self.entry = entry
        self.ticket = ticket
        self.input = input
        self.scan = scan
        self.output = output
        self.settings = settings
    }

    /// The scan as it is named on a command line, e.g. `12` or `12.1/instrument/<detector>`; `nil` for all of the input.
    public var selection: String? {
        entry.map { String($0.drop { $0 == "/" }) } ?? scan.map { "\($0)" }
    }
}

/// Everything that is needed to look at one file.
public struct InspectJob: Codable, Sendable, Equatable {
    /// Absolute path of the file.
    public var input: String
    /// Which detectors there are and are accepted, and which threshold; nothing else of it matters here.
    public var settings: ProcessingSettings

    public init(input: String, settings: ProcessingSettings) {
        self.input = input
        self.settings = settings
    }
}
