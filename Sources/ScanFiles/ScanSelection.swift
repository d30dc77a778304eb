/// Which scans of a BLISS file are asked for: `12`, `12.1`, the name of a link such as `crystal_0001_12.1`, or one of
/// several detectors of a scan, `12.1/instrument/mpx1x4`.
public struct ScanSelection: Sendable, Equatable, CustomStringConvertible {
    public let description: String
    private let number: Int?
    private let entry: String
    /// The only detector of the scan that is asked for.
    let device: String?

    /// All entries of a scan number: every time base, and in a master every dataset.
    public init(number: Int) {
        description = "\(number)"
        self.number = number
        entry = description
        device = nil
    }

    /// - Returns: `nil` for a text that names no scan.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: device = nil
        case 3 where parts[1] == "instrument" && !parts[2].isEmpty: device = parts[2]
        default: return nil
        }
        number = Int(parts[0]).flatMap { $0 >= 0 ? $0 : nil }
        guard number != nil || BlissEntryName(parts[0]) != nil else { return nil }
        entry = parts[0]
        description = text
    }

    func takes(_ name: BlissEntryName) -> Bool {
        number.map { $0 == name.scan } ?? (entry == name.name)
    }
}
