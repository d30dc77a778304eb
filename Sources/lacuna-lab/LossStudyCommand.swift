import ArgumentParser
import Inpainting
import Studies

struct LossStudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "losses",
        abstract: "The losses of thesis and paper, on one two-dimensional network.",
        discussion: """
            The same network is trained from scratch on the same simulated patterns with each loss, for the same number of \
            steps: MSE, MAE, SSIM, MSE + SSIM + MSE of the gradients (thesis), MAE + SSIM + MAE of the gradients (paper). \
            PCC against gap width, beside linear interpolation.
            """)

    @OptionGroup var output: StudyOutput
    @OptionGroup var options: PlanarStudyOptions

    @Option(help: ArgumentHelp("Time for all trainings together; the first one sets the steps.", valueName: "m"))
    var minutes = 4.0

    @Option(help: "The network; unet is the fastest and the thesis' choice here.")
    var network = PlanarNetwork.unet

    func validate() throws {
        guard minutes > 0 else { throw ValidationError("--minutes must be above 0") }
    }

    func run() async throws {
        var study = LossStudy(budget: options.budget(minutes: minutes, trainings: LossStudy.losses))
        study.network = network
        study.seed = options.seed
        study.extent = options.extent
        study.patterns = options.patterns
        try await output.write { [study] _, progress in try study.run(progress: progress) }
    }
}
