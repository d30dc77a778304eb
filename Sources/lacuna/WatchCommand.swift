import ArgumentParser
import Beamline

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watch directories and inpaint every scan that lands there: the daemon.")

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    @Flag(help: "Work through what is there, then end.")
    var once = false

    @Flag(help: "Say what would be done; write nothing.")
    var dryRun = false

    func run() async throws {
        do {
            try await WatchCommandService(
                configurationFile: absolutePath(config), once: once, dryRun: dryRun, version: version,
                fillers: .installed, pageDirectory: ShippedFiles.path("page")
            ).run()
        } catch {
            throw CommandFailure(error)
        }
    }
}
