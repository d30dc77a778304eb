import ArgumentParser
import CommandSupport

struct LacunaLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lacuna-lab",
        abstract: "Simulates scans, trains the networks that fill them, and evaluates how well they do.",
        discussion: """
            The laboratory beside lacuna, whose commands these are, too, where it is installed: `lacuna simulate` is \
            `lacuna-lab simulate`.

            EXIT STATUS
              0 done; 1 internal failure; 2 wrong usage; 3 input unreadable, unsupported or inconsistent; 5 output cannot \
            be written.
            """,
        version: version,
        subcommands: [SimulateCommand.self, TrainCommand.self, EvaluateCommand.self]
    )
}

@main
enum Main {
    static func main() async {
        await CommandLineProgram.run(LacunaLab.self)
    }
}

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Reproduce a study as a table and figures.",
        discussion: """
            `lacuna evaluate STUDY --output DIR` with patches, interpolation, intensity, oversampling, position, ablation or \
            stride hides gaps in windows (`lacuna evaluate windows --help`); real-space follows them into the \
            reconstructed crystal; models and losses train the two-dimensional networks of the thesis; all makes every \
            study and puts them on one page. Each writes table.csv, table.json and figures (PNG, drawn by gnuplot) into a \
            directory.
            """,
        subcommands: [
            WindowStudyCommand.self, RealSpaceCommand.self, FineTuneCommand.self, SelfCheckCommand.self,
            ModelStudyCommand.self,
            LossStudyCommand.self, ReportCommand.self,
        ],
        defaultSubcommand: WindowStudyCommand.self)
}
