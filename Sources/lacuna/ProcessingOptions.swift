import ArgumentParser
import Beamline
import CommandSupport
import Detectors
import ScanProcessing
import WorkMessages

/// How a scan is to be inpainted, as far as it is said on the command line.
struct ProcessingOptions: ParsableArguments {
    @Option(help: "How the gaps are filled; network is the best that ships, whatever it combines.")
    var method: FillMethod?

    @Option(help: "How much time the network may take (default: standard).")
    var quality: FillQuality?

    @Option(help: ArgumentHelp("The network's weights (default: those that ship).", valueName: "file"))
    var model: String?

    @Option(help: "Fine-tune the network on the scan's own gap-free regions (default: off).")
    var fineTune: FineTune?

    @Option(help: ArgumentHelp("The misfit above which --fine-tune auto fine-tunes.", valueName: "misfit"))
    var fineTuneAboveMisfit: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Wider gaps stay masked (default: 44).", valueName: "pixels"))
    var maxGapPixels: Int?

    @Option(help: "Saturated voxels: keep them, replace them by estimates, or mark them as unusable (default: keep).")
    var saturated: SaturatedVoxels?

    @Option(
        help: ArgumentHelp(
            "What one photon counts as in the recorded values (default: found out by how they scatter).",
            valueName: "value"))
    var photonValue: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Processor cores to use; 0 for all.", valueName: "n"))
    var threads: Int = 0

    @Option(name: .customLong("memory-limit-mb"), help: ArgumentHelp("Memory to keep within.", valueName: "MiB"))
    var memoryLimitMiB: Int = 4096

    @Option(help: "What the mask for phase retrieval leaves free beside what was not filled.")
    var phasingMask = PhasingMask.verdict
    @Flag(inversion: .prefixedNo, help: "Write a picture of the result beside the output.")
    var preview = false

    func validate() throws {
        guard threads >= 0 else { throw ValidationError("--threads: expected 0 (all cores) or more, found \(threads)") }
        guard (128...1 << 30).contains(memoryLimitMiB) else {
            throw ValidationError("--memory-limit-mb must be at least 128 and at most 2^30")
        }
        guard photonValue.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--photon-value must be above 0")
        }
        guard maxGapPixels ?? 1 > 0 else { throw ValidationError("--max-gap-pixels must be above 0") }
    }

    /// The settings for the scans of a detector, whose description an option overrides.
    func settings(for detector: Detector?) -> ProcessingSettings {
        var settings = ProcessingSettings()
        settings.fineTune = .off
        settings = settings.overridden(by: detector?.processing)
        settings.method = method ?? settings.method
        settings.quality = quality ?? settings.quality
        settings.model = model.map(absolutePath) ?? settings.model
        settings.fineTune = fineTune ?? settings.fineTune
        settings.fineTuneAboveMisfit = fineTuneAboveMisfit ?? settings.fineTuneAboveMisfit
        settings.maxGapPixels = maxGapPixels ?? settings.maxGapPixels
        settings.saturated = saturated ?? settings.saturated
        settings.photonValue = photonValue ?? settings.photonValue
        settings.threads = threads
        settings.memoryLimitMiB = memoryLimitMiB
        settings.phasingMask = phasingMask
        settings.preview = preview
        return settings
    }
}

/// How a file is read that does not say itself all that is needed.
struct ReadingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Which threshold's images are taken, from 1 (default: the first).", valueName: "n"))
    var threshold: Int?

    @Option(
        help: ArgumentHelp(
            "Several exposures at each point: sum them, or stack them as frames.",
            discussion: "It also says that the second of four axes is that of exposures."))
    var series: ExposureUse?

    @Option(
        help: ArgumentHelp(
            "How a facility lays out its files: the name of a profile, a file of one, auto or none.", valueName: "name")
    )
    var profile = "auto"

    func apply(to settings: inout ProcessingSettings) {
        settings.threshold = threshold
        settings.series = series
        // A file is told by its absolute path.
        settings.profile = profile.contains("/") || profile.hasSuffix(".yaml") ? absolutePath(profile) : profile
    }

    var settings: ProcessingSettings {
        var settings = ProcessingSettings()
        apply(to: &settings)
        return settings
    }
}
