import ArgumentParser
import CommandSupport
import Inpainting
import PublishedNetworks
import Studies
import Training
import Volume

/// What the studies of two-dimensional networks have in common.
struct PlanarStudyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Steps of 8 patterns for each training (default: 100).", valueName: "n"))
    var steps: Int?

    @Flag(help: "Go on with trainings that have a checkpoint in the output directory.")
    var resume = false

    @Option(
        help: ArgumentHelp("Networks that “lacuna train” made, instead of training.", valueName: "file,…"))
    var weights: CommaSeparated<String>?

    @Option(help: ArgumentHelp("Patterns with a gap of each width.", valueName: "n"))
    var patterns = 60

    @Option(help: ArgumentHelp("Rows and columns of the patterns, a multiple of 32.", valueName: "pixels"))
    var extent = PlanarNetwork.image.rows

    @Option(help: ArgumentHelp("The same seed gives the same patterns and first weights.", valueName: "s"))
    var seed: UInt64 = 0

    func validate() throws {
        guard (1...1_000_000).contains(steps ?? 1) else { throw ValidationError("--steps must be in 1 ... 1000000") }
        guard weights == nil || (steps == nil && !resume) else {
            throw ValidationError("--steps and --resume are for training, and with --weights nothing is trained")
        }
        guard patterns > 0 else { throw ValidationError("--patterns must be above 0") }
        guard (32...256).contains(extent), extent.isMultiple(of: PlanarNetwork.extentMultiple) else {
            throw ValidationError("--extent must be a multiple of 32 in 32 ... 256")
        }
    }

    /// The study of a subject, whose trainings go below a directory.
    func study(_ subject: PlanarStudy.Subject, in directory: String) throws -> PlanarStudy {
        var training = PlanarTraining(directory: directory, steps: steps ?? 100)
        training.seed = seed
        training.extent = extent
        training.resumes = resume
        let models = try weights?.values.map {
            try StudyModels.read(absolutePath($0), option: "--weights", PlanarModel.init)
        }
        var study = PlanarStudy(subject, weights: models.map { .given($0) } ?? .trained(training))
        study.seed = seed
        study.extent = extent
        study.patterns = patterns
        return study
    }
}

struct ModelStudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "The two-dimensional networks of the thesis, trained from scratch.",
        discussion: """
            The U-Net, the MSD-Net and the modified U-Net are trained on simulated patterns of 128x128 pixels, each for as \
            many steps, and compared with linear interpolation and kriging: PCC against gap width, and for the last \
            network also against the gap's position and pixels per fringe, gaps of 9 pixels. Each training leaves \
            checkpoint, learning curve and weights in a directory below the output.
            """)

    @OptionGroup var output: StudyOutput
    @OptionGroup var options: PlanarStudyOptions

    @Option(
        help: ArgumentHelp(
            "The networks to train; the last one answers all questions (default: all three).", valueName: "a,b,…"))
    var networks: CommaSeparated<PlanarNetwork>?

    @Option(help: ArgumentHelp("Patterns with a gap at each position.", valueName: "n"))
    var positionPatterns = 150

    @Option(help: ArgumentHelp("Columns from one position to the next; the thesis' is 1.", valueName: "pixels"))
    var columnStep = 16

    @Option(help: ArgumentHelp("Particles that are seen at each oversampling.", valueName: "n"))
    var particles = 15

    func validate() throws {
        guard networks?.areDistinct ?? true else { throw ValidationError("--networks: name each one once") }
        guard networks == nil || options.weights == nil else {
            throw ValidationError("--networks says what to train, and with --weights nothing is trained")
        }
        guard positionPatterns > 0 else { throw ValidationError("--position-patterns must be above 0") }
        guard columnStep > 0 else { throw ValidationError("--column-step must be above 0") }
        guard particles > 0 else { throw ValidationError("--particles must be above 0") }
    }

    func run() async throws {
        try await output.write { directory, progress in
            var study = try options.study(.networks(networks?.values ?? PlanarNetwork.allCases), in: directory)
            study.positionPatterns = positionPatterns
            study.particles = particles
            study.step = columnStep
            return try study.run(progress: progress)
        }
    }
}

struct LossStudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "losses",
        abstract: "The losses of thesis and paper, on one two-dimensional network.",
        discussion: """
            The same network is trained from scratch on the same simulated patterns with each loss, for the same number of \
            steps: MSE, MAE, SSIM, MSE + SSIM + MSE of the gradients (thesis), MAE + SSIM + MAE of the gradients (paper). \
            PCC against gap width, beside linear interpolation and kriging.
            """)

    @OptionGroup var output: StudyOutput
    @OptionGroup var options: PlanarStudyOptions

    @Option(help: "The network; unet is the fastest and the thesis' choice here.")
    var network = PlanarNetwork.unet

    func run() async throws {
        try await output.write { directory, progress in
            try options.study(.losses(of: network), in: directory).run(progress: progress)
        }
    }
}
