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
    /// 0 for all cores.
    public var threads = 0
    public var memoryLimitMiB = 4096
    /// Whether a picture is written beside the output.
    public var preview = true
    /// The threshold, from 1, whose images are taken where a detector has several; `nil` for the first.
    public var threshold: Int?
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
}
