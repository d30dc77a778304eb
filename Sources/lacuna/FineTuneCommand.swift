import ArgumentParser
import Detectors
import Foundation
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

    @Option(help: ArgumentHelp("The directory to write into; it is made where it is missing.", valueName: "dir"))
    var output: String

    @Option(help: ArgumentHelp("A measured scan to hide the crosses in, instead of simulated ones.", valueName: "file"))
    var data: String?

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("Number of crosses.", valueName: "n"))
    var placements = 5

    @Option(help: ArgumentHelp("Widths of their gaps, in turn.", valueName: "pixels,…"))
    var widths = CommaSeparated([6, 12])

    @Option(help: ArgumentHelp("Extent of the simulated scans along each axis.", valueName: "pixels"))
    var extent = 192

    @Option(help: ArgumentHelp("The network's weights (default: those that ship).", valueName: "file"))
    var model: String?

    @Option(help: "How much time the network takes.")
    var quality = FillQuality.standard

    @Option(help: ArgumentHelp("The same seed gives the same scans and places.", valueName: "s"))
    var seed: UInt64 = 0

    @OptionGroup var catalogue: CatalogueOptions
    @Flag(help: "Print one JSON object: that of table.json.")
    var json = false

    func validate() throws {
        guard placements > 0 else { throw ValidationError("--placements must be above 0") }
        guard widths.values.allSatisfy({ (1...16).contains($0) }) else {
            throw ValidationError("--widths must lie in 1 ... 16, which a patch for learning can hold")
        }
        guard (128...512).contains(extent) else { throw ValidationError("--extent must lie in 128 ... 512") }
    }

    func run() async throws {
        do {
            try await Gnuplot.requirePresence()
            let directory = absolutePath(output)
            try StudyDirectory.create(directory)
            if let data {
                try await evaluate(try stack.measuredStack(absolutePath(data), catalogue: catalogue), into: directory)
            } else {
                let shape = VolumeShape(frames: extent, rows: extent, columns: extent)
                try await evaluate(
                    SimulatedCrystals(volumes: placements, seed: seed, shape: shape), into: directory)
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    private func evaluate(_ source: some VolumeSource, into directory: String) async throws {
        var study = FineTuneStudy(model: try StudyModels(network: model.map(absolutePath), paper: nil).network)
        study.quality = quality
        study.placements = placements
        study.widths = widths.values
        study.seed = seed
        var bar = ProgressBar()
        defer { bar.clear() }
        let scores = try study.scores(source) { bar.show(stage: "fine-tune", done: $0, total: $1) }
        let report = FineTuneReport(study, source: source.name, scores: scores)
        try await report.write(to: directory)
        bar.clear()
        if json {
            try printJSON(report)
        } else {
            for line in report.summary { print(line) }
            print((["table.csv", "table.json"] + report.figures).map { "\(directory)/\($0)" }.joined(separator: "\n"))
        }
    }
}
