import ArgumentParser
import CommandSupport
import Foundation
import ScanProcessing
import WorkMessages

/// What the daemon has done in processes of their own. Each command reads its order as one line of JSON from its standard
/// input, which stays open as long as the daemon lives.
struct ChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "child", abstract: "Work for the daemon.", shouldDisplay: false,
        subcommands: [CheckCommand.self])

    struct CheckCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Read filters, detectors and weights.")

        func run() throws {
            let settings = try Self.order(ProcessingSettings.self)
            ParentWatch.exitWhenParentDies()
            try printJSON(Equipment(checking: settings))
        }
    }
}

extension ParsableCommand {
    /// Reads an order from standard input.
    static func order<Order: Decodable>(_: Order.Type) throws(CommandFailure) -> Order {
        let line = readLine() ?? ""
        do {
            return try JSONDecoder().decode(Order.self, from: Data(line.utf8))
        } catch {
            throw CommandFailure(.configuration, "expected an order of the daemon on standard input: \(error)")
        }
    }
}
