internal import Foundation

/// The files of a study in its directory.
enum StudyFiles {
    /// Draws the figures and writes the table as `table.csv` and what is known of the run as `table.json`.
    ///
    /// - Throws: ``StudyError``
    static func write(
        _ rows: StudyTable, report: some Encodable, figures: [Figure], to directory: String
    ) async throws {
        for figure in figures { try await Gnuplot.draw(figure, to: "\(directory)/\(figure.name).png") }
        try write(Data(rows.csv.utf8), to: "\(directory)/table.csv")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(try encoder.encode(report) + Data("\n".utf8), to: "\(directory)/table.json")
    }

    /// Writes a file as a whole or not at all.
    static func write(_ data: Data, to path: String) throws(StudyError) {
        do {
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .notWritable(path: path, problem: error.localizedDescription)
        }
    }
}
