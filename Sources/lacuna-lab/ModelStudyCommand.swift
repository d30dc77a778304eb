import ArgumentParser
import Inpainting
import Studies

struct ModelStudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "The two-dimensional networks of the thesis, trained from scratch.",
        discussion: """
            The U-Net, the MSD-Net and the modified U-Net are trained on simulated patterns of 128x128 pixels, each for the \
            same time or steps, and compared with linear interpolation and kriging: PCC against gap width, and for the \
            last network against the gap's position and pixels per fringe, gaps of 9 pixels.
            """)

    @OptionGroup var output: StudyOutput
    @OptionGroup var options: PlanarStudyOptions

    @Option(help: ArgumentHelp("Time for all trainings together.", valueName: "m"))
    var minutes = 3.0

    @Option(
        help: ArgumentHelp("The networks; the last one answers all questions.", valueName: "a,b,…"))
    var networks = CommaSeparated(PlanarNetwork.allCases)

    @Option(help: ArgumentHelp("Patterns with a gap at each position.", valueName: "n"))
    var positionPatterns = 150

    @Option(help: ArgumentHelp("Columns from one position to the next; the thesis' is 1.", valueName: "pixels"))
    var columnStep = 16

    @Option(help: ArgumentHelp("Particles that are seen at each oversampling.", valueName: "n"))
    var particles = 15

    func validate() throws {
        guard minutes > 0 else { throw ValidationError("--minutes must be above 0") }
        guard networks.areDistinct else { throw ValidationError("--networks: name each one once") }
        guard positionPatterns > 0 else { throw ValidationError("--position-patterns must be above 0") }
        guard columnStep > 0 else { throw ValidationError("--column-step must be above 0") }
        guard particles > 0 else { throw ValidationError("--particles must be above 0") }
    }

    func run() async throws {
        let budget = options.budget(minutes: minutes, trainings: networks.values.count)
        var study = ModelStudy(budget: budget)
        study.networks = networks.values
        study.seed = options.seed
        study.extent = options.extent
        study.patterns = options.patterns
        study.positionPatterns = positionPatterns
        study.particles = particles
        study.step = columnStep
        try await output.write { [study] _, progress in try study.run(progress: progress) }
    }
}
