import ArgumentParser
import Detectors
import Foundation
import Inpainting
import Studies

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Reproduce a study as a table and figures.",
        discussion: """
            `lacuna evaluate STUDY --output DIR` with patches, interpolation, intensity, oversampling or position hides \
            gaps in windows (`lacuna evaluate windows --help`); real-space follows them into the reconstructed crystal. \
            Each writes table.csv, table.json and figures (PNG, drawn by gnuplot) into a directory.
            """,
        subcommands: [WindowStudyCommand.self, RealSpaceCommand.self],
        defaultSubcommand: WindowStudyCommand.self)
}

extension StudyMethod {
    /// The methods under their own names; the network is that which ships unless a file is named.
    static func list(_ methods: [FillMethod], quality: FillQuality, model: String?) throws -> [StudyMethod] {
        try methods.map { method in
            let network = method == .network ? try readModel(model) : nil
            return StudyMethod(method.rawValue, method.filler(quality: quality, model: network))
        }
    }

    private static func readModel(_ model: String?) throws -> GapModel {
        guard let path = model.map(absolutePath) ?? ShippedFiles.model else {
            throw CommandFailure(.usage, "--methods: no network is installed; --model names one")
        }
        do {
            return try GapModel(contentsOf: path)
        } catch {
            throw CommandFailure(.usage, "the network cannot be used: \(error)")
        }
    }
}

/// Where a study writes.
enum StudyDirectory {
    static func create(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.output, "\(path): cannot be created: \(error.localizedDescription)")
        }
    }
}
