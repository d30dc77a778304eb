/// The figures of a study: named columns, and a value or none in each row.
public struct StudyTable: Sendable, Equatable {
    /// What stands in one place of a table.
    public enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int)
        /// Written with five decimals.
        case number(Double)
        case missing
    }

    public let columns: [String]
    public private(set) var rows: [[Value]] = []

    public init(columns: [String]) {
        self.columns = columns
    }

    /// - Precondition: one value for each column.
    public mutating func append(_ row: [Value]) {
        precondition(row.count == columns.count, "\(row.count) values for \(columns.count) columns")
        rows.append(row)
    }

    /// The same rows, each with the same further values in front.
    func prefixed(by values: KeyValuePairs<String, Value>) -> StudyTable {
        var table = StudyTable(columns: values.map(\.key) + columns)
        for row in rows { table.append(values.map(\.value) + row) }
        return table
    }

    /// The value of a column in a row; `nil` where there is no such column.
    public func value(_ column: String, row: Int) -> Value? {
        columns.firstIndex(of: column).map { rows[row][$0] }
    }

    /// Comma-separated values (RFC 4180) below a line of column names.
    public var csv: String {
        let lines = [columns.map(\.quotedForCSV)] + rows.map { $0.map(\.csv) }
        return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }
}

extension StudyTable.Value {
    /// A number, or nothing.
    init(_ number: Double?) {
        self = number.map { .number($0) } ?? .missing
    }

    /// The number, where it is one.
    public var number: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        case .text, .missing: nil
        }
    }

    fileprivate var csv: String {
        switch self {
        case .text(let text): text.quotedForCSV
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number.toFiveDecimals)"
        case .missing: ""
        }
    }
}

extension StudyTable.Value: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number.toFiveDecimals)
        case .missing: try container.encodeNil()
        }
    }
}

extension StudyTable.Value: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .missing
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}

extension StudyTable: Encodable {
    /// A list of objects, one for each row.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for row in rows {
            try container.encode(Dictionary(uniqueKeysWithValues: zip(columns, row)))
        }
    }
}

extension Double {
    fileprivate var toFiveDecimals: Double { (self * 1e5).rounded() / 1e5 }
}

extension String {
    fileprivate var quotedForCSV: String {
        contains(where: { ",\"\r\n".contains($0) }) ? "\"" + replacing("\"", with: "\"\"") + "\"" : self
    }
}
