import ArgumentParser
import CommandSupport
import Foundation
import Studies
import WorkMessages

/// Where a study leaves its table and figures.
struct StudyOutput: ParsableArguments {
    @Option(help: ArgumentHelp("The directory to write into; it is made where it is missing.", valueName: "dir"))
    var output: String

    @Flag(help: "Print one JSON object: that of table.json.")
    var json = false

    /// Makes a study and writes what it leaves behind.
    ///
    /// - Parameter study: is given the directory, and a function to be told how far which stage has come.
    /// - Throws: ``CommandFailure``
    func write(
        _ study: (
            _ directory: String, _ progress: (_ stage: String, _ done: Int, _ total: Int) -> Void
        ) async throws -> some StudyDocument
    ) async throws {
        do {
            try await Gnuplot.requirePresence()
            let directory = try Self.directory(output)
            var bar = ProgressBar()
            defer { bar.clear() }
            let document = try await study(directory) { bar.show(stage: $0, done: $1, total: $2) }
            try await document.write(to: directory)
            bar.clear()
            if json {
                try printJSON(document)
            } else {
                let files = (["table.csv", "table.json"] + document.figures).map { "\(directory)/\($0)" }
                print((document.summary + files).joined(separator: "\n"))
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Makes a directory where it is missing, and returns its absolute path.
    static func directory(_ path: String) throws(CommandFailure) -> String {
        let path = absolutePath(path)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.outputRefused, "\(path): cannot be created: \(error.localizedDescription)")
        }
        return path
    }
}
