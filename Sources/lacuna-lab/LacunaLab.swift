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
