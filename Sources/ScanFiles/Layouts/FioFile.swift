internal import Foundation

/// A `.fio` file, in which DESY's beamlines keep what a scan was asked to do and what its counters and motors read.
///
/// Sections begin with `%c` (comments, the command first), `%p` (parameters) and `%d` (data: `Col 1 om DOUBLE` for each
/// column, then a line of numbers for each point).
struct FioFile {
    /// e.g. `ascan om 10 11 100 1`.
    private(set) var command: String?
    private var columns: [(name: String, values: [Double])] = []

    /// Above this a file is no table of a scan.
    private static let mostBytes = 64 << 20

    /// The file beside a master `<name>_master.h5`, in its directory or one or two levels above.
    init?(besideMaster path: String) {
        let master = URL(filePath: path)
        let stem = master.deletingPathExtension().lastPathComponent
        guard stem.hasSuffix("_master") else { return nil }
        var directory = master.deletingLastPathComponent()
        for _ in 0..<3 {
            let file = directory.appending(path: stem.dropLast("_master".count) + ".fio").path(percentEncoded: false)
            if let found = FioFile(file) {
                self = found
                return
            }
            directory.deleteLastPathComponent()
        }
        return nil
    }

    init?(_ path: String) {
        guard let size = try? SourceFile(path).size, size <= Self.mostBytes,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        var section: Substring = ""
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("!") else { continue }
            if first.hasPrefix("%") {
                section = first
            } else if section == "%c" {
                command = command ?? line.trimmingCharacters(in: .whitespaces)
            } else if section == "%d", first == "Col", words.count > 2 {
                columns.append((String(words[2]), []))
            } else if section == "%d" {
                let numbers = words.compactMap { Double($0) }
                // A line that was cut off ends the table.
                guard numbers.count == columns.count else { break }
                for (index, number) in numbers.enumerated() { columns[index].values.append(number) }
            }
        }
        if columns.isEmpty, command == nil { return nil }
    }

    /// The motor that the command names, or else the first column.
    ///
    /// - Returns: `nil` where there are fewer positions than points.
    func scannedMotor(points: Int) -> ScannedMotor? {
        let words = (command ?? "").split(separator: " ").dropFirst().map(String.init)
        let column = words.lazy.compactMap { word in columns.first { $0.name == word } }.first ?? columns.first
        guard points > 0, let column, column.values.count >= points else { return nil }
        return ScannedMotor(name: column.name, values: Array(column.values.prefix(points)), units: nil)
    }
}
