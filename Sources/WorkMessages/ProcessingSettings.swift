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

/// Which voxels the mask for phase retrieval leaves free, beside those that are neither measured nor filled.
public enum PhasingMask: String, Codable, Sendable, CaseIterable {
    /// Estimates of gaps whose fill is not to be trusted.
    case verdict
    /// All estimates.
    case estimates
    /// None: estimates are taken as measured.
    case unfilled
}
