import ArgumentParser
import CommandSupport
import Studies
import Volume

struct FineTuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fine-tune",
        abstract: "What the network gains by learning from the scan that it fills.",
        discussion: """
            Crosses of gaps are hidden in scans where everything was counted. The network learns from other parts of each \
            scan, as the daemon lets it, and is scored on the cross.
            """)

    @OptionGroup var output: StudyOutput

    @Option(help: ArgumentHelp("A measured scan to hide the crosses in, instead of simulated ones.", valueName: "file"))
    var data: String?

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("Number of crosses.", valueName: "n"))
    var placements = 5

    @Option(help: ArgumentHelp("Widths of their gaps, in turn.", valueName: "pixels,…"))
    var widths = CommaSeparated([6, 12])

    @Option(help: ArgumentHelp("Extent of the simulated scans along each axis.", valueName: "pixels"))
    var extent = 192

    @OptionGroup var models: StudyModels

    @Option(help: ArgumentHelp("The same seed gives the same scans and places.", valueName: "s"))
    var seed: UInt64 = 0

    @OptionGroup var catalogue: CatalogueOptions

    func validate() throws {
        guard placements > 0 else { throw ValidationError("--placements must be above 0") }
        guard widths.values.allSatisfy({ (1...16).contains($0) }) else {
            throw ValidationError("--widths must lie in 1 ... 16, which a patch for learning can hold")
        }
        guard (128...512).contains(extent) else { throw ValidationError("--extent must lie in 128 ... 512") }
    }

    func run() async throws {
        try await output.write { _, progress in
            if let data {
                return try evaluate(try stack.measuredStack(absolutePath(data), catalogue: catalogue), progress)
            }
            let shape = VolumeShape(frames: extent, rows: extent, columns: extent)
            return try evaluate(SimulatedCrystals(volumes: placements, seed: seed, shape: shape), progress)
        }
    }

    private func evaluate(
        _ source: some VolumeSource, _ progress: (String, Int, Int) -> Void
    ) throws -> FineTuneReport {
        var study = FineTuneStudy(model: try models.network)
        study.quality = models.quality
        study.placements = placements
        study.widths = widths.values
        study.seed = seed
        let scores = try study.scores(source) { progress("fine-tune", $0, $1) }
        return FineTuneReport(study, source: source.name, scores: scores)
    }
}
