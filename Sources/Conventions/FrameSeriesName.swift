/// The name of a scan that is recorded as one image file per frame: the names of its files with `#` for the number,
/// e.g. `crystal_12_#.edf.gz` for `crystal_12_0001.edf.gz` and those that follow.
///
/// It stands for the files as the path of a scan file does: in the ledger, for the name of the output and on command lines.
/// It is made from names alone, so that the daemon need not look at the files.
package struct FrameSeriesName: Hashable, Sendable {
    package let directory: String
    /// What stands before the number.
    package let prefix: String
    /// What follows it, with the ending.
    package let suffix: String

    /// The endings of files with images.
    package static let endings = ["edf", "edf.gz", "tif", "tiff"]

    /// The character that stands for the number.
    package static let placeholder: Character = "#"

    /// The series that a file belongs to by its name; `nil` where the name has no number or another ending.
    package init?(ofFrame path: String) {
        let name = AbsolutePath.name(of: path)
        guard let digits = Self.number(in: name) else { return nil }
        directory = AbsolutePath.directory(of: path)
        prefix = String(name[..<digits.lowerBound])
        suffix = String(name[digits.upperBound...])
    }

    /// The series that a path names by its `#`; `nil` for any other path.
    package init?(path: String) {
        let name = AbsolutePath.name(of: path)
        guard let mark = name.lastIndex(of: Self.placeholder), Self.ending(of: name) != nil else { return nil }
        directory = AbsolutePath.directory(of: path)
        prefix = String(name[..<mark])
        suffix = String(name[name.index(after: mark)...])
    }

    package var name: String { "\(prefix)\(Self.placeholder)\(suffix)" }

    package var path: String { AbsolutePath.joined(directory, name) }

    /// The name without number and ending, from which the output has its own; that of the directory where nothing else
    /// is left.
    package var stem: String {
        let trimmed = Self.trimmed(prefix)
        return trimmed.isEmpty ? AbsolutePath.name(of: directory) : trimmed
    }

    /// A prefix without the signs before the number.
    package static func trimmed(_ prefix: String) -> String {
        String(prefix.reversed().drop { "_-. ".contains($0) }.reversed())
    }

    /// The digits of a file's number, as they stand in its name; `nil` for a file of no series or of another one.
    package func digits(of name: String) -> Substring? {
        guard let digits = Self.number(in: name), name[..<digits.lowerBound] == prefix,
            name[digits.upperBound...] == suffix
        else { return nil }
        return name[digits]
    }

    /// One of the endings, where the name has it.
    package static func ending(of name: String) -> String? {
        let name = name.lowercased()
        return endings.first { name.hasSuffix("." + $0) }
    }

    /// Where the number of a frame stands: the last digits that stand alone, as in `a_0012_mpx4.edf`, or else the last
    /// ones.
    private static func number(in name: String) -> Range<String.Index>? {
        guard let ending = ending(of: name) else { return nil }
        let stem = name.dropLast(ending.count + 1)
        let bytes = stem.utf8
        var last: Range<String.Index>?
        var end = bytes.endIndex
        while let final = bytes[..<end].lastIndex(where: isDigit) {
            let upper = bytes.index(after: final)
            let before = bytes[..<final].lastIndex { !isDigit($0) }
            let lower = before.map(bytes.index(after:)) ?? bytes.startIndex
            let isAlone = before.map { !isLetter(bytes[$0]) } ?? true
            if isAlone, upper == bytes.endIndex || !isLetter(bytes[upper]) { return lower..<upper }
            last = last ?? lower..<upper
            end = lower
        }
        return last
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte > 0x7f
    }
}
