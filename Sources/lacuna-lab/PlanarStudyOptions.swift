import ArgumentParser
import Inpainting
import Training
import Volume

/// What the studies of two-dimensional networks have in common.
struct PlanarStudyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Steps of 8 patterns for each training, instead of --minutes: the same steps and seed give the same figures.",
            valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Patterns with a gap of each width.", valueName: "n"))
    var patterns = 60

    @Option(help: ArgumentHelp("Rows and columns of the patterns, a multiple of 32.", valueName: "pixels"))
    var extent = PlanarNetwork.image.rows

    @Option(help: ArgumentHelp("The same seed gives the same patterns and first weights.", valueName: "s"))
    var seed: UInt64 = 0

    func validate() throws {
        guard steps.map({ $0 > 0 }) ?? true else { throw ValidationError("--steps must be above 0") }
        guard patterns > 0 else { throw ValidationError("--patterns must be above 0") }
        guard (32...256).contains(extent), extent.isMultiple(of: PlanarNetwork.extentMultiple) else {
            throw ValidationError("--extent must be a multiple of 32 in 32 ... 256")
        }
    }

    /// What each of some trainings may spend.
    ///
    /// - Parameter minutes: of all together, where no steps are asked for.
    func budget(minutes: Double, trainings: Int) -> PlanarTraining.Budget {
        steps.map { .steps($0) } ?? .seconds(60 * minutes / Double(trainings))
    }
}
