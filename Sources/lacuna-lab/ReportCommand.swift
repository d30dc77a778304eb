import ArgumentParser
import CommandSupport
import Foundation
import Studies
import WorkMessages

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "Every study, on one page with all tables and figures.",
        discussion: """
            Writes index.html, which needs no other file, and a directory for each study. At reduced size this takes about \
            half an hour on two cores. What is made already is not made again, so that an interrupted report is continued.
            """)

    @Option(help: ArgumentHelp("The directory to write into; it is made where it is missing.", valueName: "dir"))
    var output: String

    @Option(
        help: ArgumentHelp("A measured scan, for the studies that can draw their windows from one.", valueName: "file"))
    var data: String?

    @OptionGroup var stack: StackOptions
    @OptionGroup var catalogue: CatalogueOptions

    @Option(
        help: ArgumentHelp(
            "Some of the studies; those on measured data end in -measured (default: all).", valueName: "study,…"))
    var only: CommaSeparated<String>?

    @Flag(help: "Make the studies at their full size, which takes hours.")
    var full = false

    func validate() throws {
        let names = ReportMaker.names(isMeasured: data != nil)
        if let unknown = only?.values.first(where: { !names.contains($0) }) {
            throw ValidationError("--only: no study is called “\(unknown)”, but \(names.joined(separator: ", "))")
        }
    }

    func run() async throws {
        do {
            try await Gnuplot.requirePresence()
            let directory = try StudyOutput.directory(output)
            let maker = ReportMaker(
                directory: directory, data: data.map { ["--data", absolutePath($0)] + stack.arguments } ?? [],
                only: only?.values, isFull: full)
            let failed = try await maker.run { study, index, total in
                FileHandle.standardError.write(Data("\(index)/\(total) \(study)\n".utf8))
            }
            print(maker.page)
            guard failed.isEmpty else {
                throw CommandFailure(.internalFailure, "not made: \(failed.joined(separator: ", "))")
            }
        } catch {
            throw CommandFailure(error)
        }
    }
}
