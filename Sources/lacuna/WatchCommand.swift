import ArgumentParser
import Beamline
import CommandSupport
import Conventions
import Synchronization
import WorkMessages

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watch directories and inpaint every scan that lands there: the daemon.",
        discussion: """
            With --once, a whole tree of past scans is worked through and a table says what became of them. Interrupted, \
            it is continued by the same command; nothing is done twice. It ends with the exit status 3 when scans \
            failed, which the table names.
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    @Flag(help: "Work through what is there, then end.")
    var once = false

    @Flag(help: "Say what would be done; write nothing.")
    var dryRun = false

    func run() async throws {
        let bar = Mutex(ProgressBar())
        do {
            let report = try await WatchCommandService(
                configurationFile: absolutePath(config), once: once, dryRun: dryRun, version: version,
                pageDirectory: ShippedFiles.path("page")
            ) { made in
                bar.withLock { $0.show(stage: made.current, done: made.settled, total: made.total) }
            }.run()
            bar.withLock { $0.clear() }
            guard let report else { return }
            print(report.text)
            if report.hasFailures { throw ExitCode(FailureCause.input.exitCode) }
        } catch let code as ExitCode {
            throw code
        } catch {
            bar.withLock { $0.clear() }
            throw CommandFailure(error)
        }
    }
}
