public import ArgumentParser
import CommandSupport
public import ScanFiles

struct Lacuna: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lacuna",
        abstract: "Fills the gaps of X-ray detectors in Bragg coherent diffraction scans.",
        discussion: """
            A daemon watches acquisition directories, recognises the detector of each scan, waits until the scan is \
            complete, fills the gaps and writes a NeXus file beside it. Each step can also be done by hand.

            EXIT STATUS
              0 done; 1 internal failure; 2 wrong usage or configuration; 3 input unreadable, unsupported or \
            inconsistent; 4 scan not complete; 5 output cannot be written.
            """,
        version: version,
        subcommands: [
            WatchCommand.self, InpaintCommand.self, InspectCommand.self, MaskCommand.self, DetectorsCommand.self,
            StatusCommand.self, RetryCommand.self, SubmitCommand.self, PauseCommand.self, ResumeCommand.self,
            DoctorCommand.self, SimulateCommand.self, TrainCommand.self, EvaluateCommand.self, ChildCommand.self,
        ]
    )
}

@main
enum Main {
    static func main() async {
        await CommandLineProgram.run(Lacuna.self)
    }
}

extension OutputCompression: ExpressibleByArgument {}
