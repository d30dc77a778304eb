/// Which lines of an image are meant: whole rows (slow axis) or whole columns (fast axis).
public enum LineAxis: String, Hashable, Sendable, Codable, CaseIterable {
    case row
    case column

    var exchanged: LineAxis { self == .row ? .column : .row }
}
