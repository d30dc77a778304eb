import ArgumentParser

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
