import ArgumentParser
import CommandSupport
import Inpainting
import Studies
import Volume

struct SelfCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-check",
        abstract: "How well the quality that is stated for a scan tells the quality of its real gaps.",
        discussion: """
            Crosses of gaps are hidden in scans where everything was counted. What would be stated for each scan stands \
            beside what the hidden counts say, for the network and for kriging.
            """)

    @OptionGroup var output: StudyOutput

    @Option(help: ArgumentHelp("A measured scan to hide the crosses in, instead of simulated ones.", valueName: "file"))
    var data: String?

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("Number of crosses.", valueName: "n"))
    var placements = 30

    @Option(help: ArgumentHelp("Widths of their gaps, in turn.", valueName: "pixels,…"))
    var widths = CommaSeparated([3, 6, 12])

    @Option(help: ArgumentHelp("Extent of the simulated scans along each axis.", valueName: "pixels"))
    var extent = 128

    @Option(
        help: ArgumentHelp(
            "Counts of the brightest voxel of simulated scans, drawn by their logarithm.", valueName: "least,most"))
    var counts = CommaSeparated([1e4, 1e7])

    @OptionGroup var models: StudyModels

    @Option(help: ArgumentHelp("The same seed gives the same scans and places.", valueName: "s"))
    var seed: UInt64 = 0

    @OptionGroup var catalogue: CatalogueOptions

    func validate() throws {
        guard placements > 0 else { throw ValidationError("--placements must be above 0") }
        guard widths.values.allSatisfy({ (1...44).contains($0) }) else {
            throw ValidationError("--widths must lie in 1 ... 44")
        }
        guard counts.values.count == 2, counts.values[0] >= 1, counts.values[0] <= counts.values[1] else {
            throw ValidationError("--counts must be the least and the most, at least 1")
        }
        guard (96...512).contains(extent) else { throw ValidationError("--extent must lie in 96 ... 512") }
    }

    func run() async throws {
        try await output.write { _, progress in
            if let data {
                return try evaluate(try stack.measuredStack(absolutePath(data), catalogue: catalogue), progress)
            }
            let shape = VolumeShape(frames: extent, rows: extent, columns: extent)
            return try evaluate(
                SimulatedCrystals(
                    volumes: placements, seed: seed, shape: shape, peakCounts: counts.values[0]...counts.values[1]),
                progress)
        }
    }

    private func evaluate(
        _ source: some VolumeSource, _ progress: (String, Int, Int) -> Void
    ) throws -> SelfCheckReport {
        let network = try models.network.filler(quality: models.quality)
        var study = SelfCheckStudy(fillers: [Kriging(), network])
        study.placements = placements
        study.widths = widths.values
        study.seed = seed
        study.takesDim = counts.values[0] < 1e4
        let scores = try study.scores(source) { progress("self-check", $0, $1) }
        return SelfCheckReport(study, source: source.name, scores: scores)
    }
}
