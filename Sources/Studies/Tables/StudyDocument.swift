internal import Foundation

/// What a study leaves behind: `table.csv`, `table.json`, which is the encoded document, and figures.
public protocol StudyDocument: Encodable, Sendable {
    /// The means, and what a reader of the table has to know, for a person.
    var summary: [String] { get }
    /// The names of the figures' files.
    var figures: [String] { get }
    var rows: StudyTable { get }
    /// The figures that are drawn when the document is written.
    var drawings: [Figure] { get }
}

extension StudyDocument {
    /// Writes the table and draws the figures; what is there of the same name is replaced.
    ///
    /// - Throws: ``StudyError``
    public func write(to directory: String) async throws {
        for figure in drawings { try await Gnuplot.draw(figure, to: "\(directory)/\(figure.name).png") }
        try StudyFiles.write(Data(rows.csv.utf8), to: "\(directory)/table.csv")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try StudyFiles.write(try encoder.encode(self) + Data("\n".utf8), to: "\(directory)/table.json")
    }
}
