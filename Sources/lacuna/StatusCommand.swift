import ArgumentParser
import Beamline
import CommandSupport
import Foundation
import StatusSite
import WorkMessages

/// The daemon that is asked: the one of a configuration.
struct DaemonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's configuration file.", valueName: "file"))
    var config = "/etc/lacuna/lacuna.yaml"

    func client() throws -> StatusClient {
        do {
            let (configuration, fault) = try Configuration.inForce(absolutePath(config))
            if let fault {
                let words = "lacuna: \("\(fault)".onOneLine); a running daemon goes on with what it had before\n"
                FileHandle.standardError.write(Data(words.utf8))
            }
            return StatusClient(configuration: configuration)
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the daemon's state: counts, the scan in work, the last results, failures.")

    @OptionGroup var daemon: DaemonOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Show it again every two seconds, in place, until interrupted.")
    var watch = false

    @Option(help: ArgumentHelp("Say what became of one file, whatever it is.", valueName: "path"))
    var file: String?

    func validate() throws {
        guard file == nil || !watch else { throw ValidationError("--watch and --file exclude each other") }
        guard !(watch && json) else { throw ValidationError("--watch and --json exclude each other") }
        guard !watch || StatusScreen.isTerminal else { throw ValidationError("--watch needs a terminal") }
    }

    func run() async throws {
        do {
            if let file {
                let account = try await daemon.client().account(of: absolutePath(file))
                if json { try printJSON(account, encoder: StatusReport.encoder) } else { print(account.text) }
                return
            }
            if watch {
                let client = try daemon.client()
                try await StatusScreen.show(every: .seconds(2)) { try await client.status().text }
            }
            let report = try await daemon.client().status()
            if json { try printJSON(report, encoder: StatusReport.encoder) } else { print(report.text) }
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Put scans back into the queue, with all their attempts.")

    @Argument(help: "Scans: their number in `lacuna status`, with or without #, their file, or file#scan.")
    var scans: [String] = []

    @Flag(help: "Put back all that failed or are quarantined or stale.")
    var failed = false

    @Flag(help: "Replace outputs of these scans that were written by hand; a file of another origin is kept.")
    var replace = false
    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        guard failed != !scans.isEmpty else { throw ValidationError("name scans, or give --failed") }
    }

    func run() async throws {
        do {
            let named = scans.map {
                $0.hasPrefix("/") || Int($0.hasPrefix("#") ? $0.dropFirst() : $0[...]) != nil ? $0 : absolutePath($0)
            }
            let answer = try await daemon.client().retry(
                RetryRequest(failed ? .failed : .named(named), replaces: replace))
            if let problem = answer.problem { throw CommandFailure(.configuration, problem) }
            for scan in answer.scans { print("\(scan): put back\(answer.running ? "" : ", for the next daemon")") }
            if answer.scans.isEmpty { print("nothing to put back") }
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// Text that is drawn in place on a terminal, again and again.
enum StatusScreen {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Shows text until the program is interrupted, and leaves the terminal as it was.
    static func show(every pause: Duration, _ text: () async throws -> String) async throws -> Never {
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                write(leave)
                exit(0)
            }
            source.resume()
            return source
        }
        write(enter)
        while true {
            do {
                draw(try await text())
            } catch {
                draw("\(error)")
            }
            try await Task.sleep(for: pause)
            withExtendedLifetime(signals) {}
        }
    }

    /// Draws over what was there, so that nothing flickers; what does not fit is cut off.
    private static func draw(_ text: String) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 1
        let (rows, columns) = isKnown ? (Int(size.ws_row) - 1, Int(size.ws_col)) : (24, 80)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(rows)
            .map { String($0.prefix(columns)) + clearLine }
        write(home + lines.joined(separator: "\r\n") + clearBelow)
    }

    // The other screen of the terminal, without a cursor.
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
    private static let home = "\u{1B}[H"
    private static let clearLine = "\u{1B}[K"
    private static let clearBelow = "\u{1B}[J"

    private static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
