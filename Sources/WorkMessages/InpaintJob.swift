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
    /// Which detectors there are and are accepted, which threshold and which profile; nothing else of it matters here.
    public var settings: ProcessingSettings

    public init(input: String, settings: ProcessingSettings) {
        self.input = input
        self.settings = settings
    }
}

/// How a scan is inpainted: the `processing` block, and what of the rest concerns a single scan.
public struct ProcessingSettings: Codable, Sendable, Equatable {
    public var method = FillMethod.network
    /// How much time the network may take.
    public var quality = FillQuality.standard
    /// Absolute path of the network's weights; `nil` for those that ship.
    public var model: String?
    public var fineTune = FineTune.auto
    /// Misfit above which `auto` fine-tunes; 1 is the limit set by photon noise.
    public var fineTuneAboveMisfit = 2.0
    /// Wider bands stay masked.
    public var maxGapPixels = 44
    public var saturated = SaturatedVoxels.keep
    /// What one photon counts as in the recorded values; `nil` to find out.
    public var photonValue: Double?
    /// 0 for all cores.
    public var threads = 0
    public var memoryLimitMiB = 4096
    /// Which voxels the mask for phase retrieval leaves free.
    public var phasingMask = PhasingMask.verdict
    /// Whether a picture is written beside the output.
    public var preview = true
    /// The threshold, from 1, whose images are taken where a detector has several; `nil` for the first.
    public var threshold: Int?
    /// What becomes of several exposures at each point; `nil` to take each as a frame where the file tells them apart.
    public var series: ExposureUse?
    /// The profile of a facility: `auto`, `none`, a name, or the path of a file.
    public var profile = "auto"
    /// The only detectors that are accepted; `nil` for all that are known.
    public var detectorsAllowed: [String]?
    /// Where detector files are read from, later directories overriding earlier ones; `nil` for those that ship and
    /// what the site adds to them.
    public var detectorDirectories: [String]?
    /// What a child may take beyond its memory limit, in MiB: the program, the network and what libraries put aside.
    ///
    /// Measured: 0.4 GiB with fine-tuning, on two cores.
    public static let memoryAllowanceMiB = 2_048

    public init() {}

    /// The options of `lacuna inpaint` that carry these settings, for a person who wants to do the same by hand.
    public var arguments: [String] {
        var arguments = (detectorDirectories ?? []).flatMap { ["--detector-directory", $0] }
        arguments += threshold.map { ["--threshold", "\($0)"] } ?? []
        arguments += series.map { ["--series", $0.rawValue] } ?? []
        if profile != "auto" { arguments += ["--profile", profile] }
        arguments += ["--method", method.rawValue]
        arguments += ["--quality", quality.rawValue]
        if let model { arguments += ["--model", model] }
        arguments += ["--fine-tune", fineTune.rawValue]
        arguments += ["--fine-tune-above-misfit", "\(fineTuneAboveMisfit)"]
        arguments += ["--max-gap-pixels", "\(maxGapPixels)"]
        if saturated != .keep { arguments += ["--saturated", saturated.rawValue] }
        if let photonValue { arguments += ["--photon-value", "\(photonValue)"] }
        arguments += ["--threads", "\(threads)"]
        arguments += ["--memory-limit-mb", "\(memoryLimitMiB)"]
        arguments += ["--phasing-mask", phasingMask.rawValue]
        arguments += [preview ? "--preview" : "--no-preview"]
        return arguments
    }
}

/// What becomes of the exposures of a point where a scan has several at each.
public enum ExposureUse: String, Codable, Sendable, CaseIterable {
    /// They are added.
    case sum
    /// Each is a frame.
    case stack
}

/// Which voxels the mask for phase retrieval leaves free, beside those that are neither measured nor filled.
public enum PhasingMask: String, Codable, Sendable, CaseIterable {
    /// Estimates of gaps whose fill is not to be trusted.
    case verdict
    /// All estimates.
    case estimates
    /// None: estimates are taken as measured.
    case unfilled
}

/// What every scan needs besides its file, as a child found it: filters, detectors, weights.
public struct Equipment: Codable, Sendable, Equatable {
    /// The file of a network's weights.
    public struct Weights: Codable, Sendable, Equatable {
        public var path: String
        public var name: String
        public var sha256: String

        public init(path: String, name: String, sha256: String) {
            self.path = path
            self.name = name
            self.sha256 = sha256
        }
    }

    /// Why data with one of the detectors' filters cannot be read; `nil` where all can.
    public var filterProblem: String?
    /// The names and further names of all detectors that are described.
    public var detectors: [String]
    /// Why the descriptions of detectors cannot be read; `nil` where they can.
    public var detectorProblem: WorkerFailure?
    /// `nil` where the method needs none, or none are installed.
    public var weights: Weights?
    /// Why the weights cannot be used; `nil` where they can.
    public var weightsProblem: WorkerFailure?

    public init(
        filterProblem: String? = nil, detectors: [String] = [], detectorProblem: WorkerFailure? = nil,
        weights: Weights? = nil, weightsProblem: WorkerFailure? = nil
    ) {
        self.filterProblem = filterProblem
        self.detectors = detectors
        self.detectorProblem = detectorProblem
        self.weights = weights
        self.weightsProblem = weightsProblem
    }

    /// What keeps every scan from being inpainted; `nil` where nothing does.
    public var problem: WorkerFailure? { weightsProblem ?? detectorProblem }
}

/// The ways to estimate what a gap would have measured.
public enum FillMethod: String, Sendable, Codable, CaseIterable {
    /// The best that ships, whatever it combines.
    case network
    case kriging
    /// Straight across the gap, on log(1+I).
    case linear
    /// Along a cubic across the gap, on log(1+I).
    case cubic
    /// The nearest measured pixel.
    case nearest
}

/// When a network is trained further on the scan's own gap-free regions before it fills the gaps.
public enum FineTune: String, Sendable, Codable, CaseIterable {
    case off
    /// Only when the measured misfit is above the threshold, and it takes no more than twice the time of filling.
    case auto
    case always
}

/// How much time a network may take for the best result.
public enum FillQuality: String, Sendable, Codable, CaseIterable {
    /// The least time.
    case fast
    case standard
    /// The mean over mirror images.
    case best
}

/// What becomes of voxels that hold more than their detector counts rightly.
public enum SaturatedVoxels: String, Sendable, Codable, CaseIterable {
    /// They stand as recorded.
    case keep
    /// They are estimated, as gaps are.
    case replace
    /// They stand as recorded, and the output's mask excludes them.
    case mark
}
