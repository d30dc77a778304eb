import Foundation

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
