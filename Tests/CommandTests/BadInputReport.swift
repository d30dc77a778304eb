import Foundation
import Synchronization

/// Gathers what the program answered, and writes it as a table to the file that `LACUNA_REPORT` names.
enum BadInputReport {
    private static let rows = Mutex<[Int: String]>([:])

    /// Adds a line to the table.
    ///
    /// - Parameters:
    ///   - index: where in the table.
    ///   - directory: left out of the message.
    static func add(_ name: String, at index: Int, code: Int32, message: String, directory: URL) {
        guard let path = ProcessInfo.processInfo.environment["LACUNA_REPORT"] else { return }
        let place = directory.path(percentEncoded: false)
        let text =
            message.replacing(place + "/", with: "").replacing(place, with: ".")
            .replacing(/, \d+\.\d s\)/, with: ")")
            .split(separator: "\n").first.map { $0.replacing("|", with: "\\|") } ?? ""
        rows.withLock { rows in
            rows[index] = "| \(name) | \(code) | \(text) |"
            let head = """
                <!-- Written by the tests: LACUNA_REPORT=Tests/CommandTests/BAD-INPUTS.md swift test --filter CommandTests -->

                # What bad inputs are answered with

                Paths are shortened. Exit codes: 0 done; 2 wrong usage or configuration; 3 input unreadable, unsupported \
                or inconsistent; 4 scan not complete; 5 output cannot be written.

                | input | exit code | message |
                |---|---|---|

                """
            let table = rows.sorted { $0.key < $1.key }.map { $0.value + "\n" }.joined()
            try? Data((head + table).utf8).write(to: URL(filePath: path))
        }
    }
}
