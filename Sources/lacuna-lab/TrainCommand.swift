import ArgumentParser
import CommandSupport
import Foundation
import Studies
import Training

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a network on simulated crystals.",
        discussion: """
            Writes <name>.safetensors, a checkpoint and the learning curve as a table and a picture into the output directory. Patches are simulated \
            as they are needed; the same recipe gives the same weights.
            """)

    @Argument(help: "The recipe, a YAML file such as Config/training/gap-2.yaml.")
    var config: String

    @Option(help: ArgumentHelp("Where everything is written (default: training/<name>).", valueName: "dir"))
    var output: String?

    @Flag(help: "Go on from the last checkpoint.")
    var resume = false

    @Option(help: ArgumentHelp("Number of cores; 0 = all.", valueName: "n"))
    var threads = 0

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        Machine.keepFreedMemory()
        Machine.useCores(threads)
        do {
            try await Gnuplot.requirePresence()
            let recipe = try TrainingRecipe(contentsOf: absolutePath(config))
            let directory = absolutePath(output ?? "training/\(recipe.name)")
            let trainer = try Trainer(recipe: recipe, directory: directory, resume: resume)
            var bar = ProgressBar()
            let scores = try trainer.run { progress in
                bar.show(
                    stage: String(
                        format: "train (error %.4f, %.0f patches/s)", progress.error, progress.patchesPerSecond),
                    done: progress.step, total: progress.steps)
            }
            bar.clear()
            try await Gnuplot.draw(Figure(trainer.curve), to: "\(directory)/curve.png")
            if json {
                try printJSON(scores)
            } else {
                for score in scores {
                    print(
                        String(
                            format: "%2d px: PCC %.4f (kriging %.4f, oracle %.4f)", score.width, score.network,
                            score.kriging, score.oracle)
                            + (score.within1.map {
                                String(format: ", within 1 and 2 sigma %.3f %.3f", $0, score.within2 ?? 0)
                            }
                                ?? ""))
                }
            }
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension Figure {
    /// How far the network has come from kriging to the limit, for each gap width.
    fileprivate init(_ curve: LearningCurve) throws {
        let entries = try curve.entries()
        let widths = Set(entries.map(\.width)).sorted()
        self.init(
            name: "curve", title: "Validation", xLabel: "step",
            yLabel: "share of the way from kriging to the photon-noise limit",
            lines: widths.map { width in
                let points = entries.filter { $0.width == width && $0.oracle > $0.kriging }
                return (
                    "\(width) px",
                    points.map { (Double($0.step), ($0.network - $0.kriging) / ($0.oracle - $0.kriging)) }
                )
            })
    }
}
