public import Volume

/// Adjacent rows or columns that are masked over the whole width or height of the image.
public struct GapBand: Hashable, Sendable, Codable {
    public var axis: LineAxis
    /// The masked lines, half-open.
    public var range: Range<Int>

    public init(axis: LineAxis, range: Range<Int>) {
        self.axis = axis
        self.range = range
    }

    /// Number of lines.
    public var width: Int { range.count }
}

extension GapBand: CustomStringConvertible {
    public var description: String { "\(axis.rawValue)s \(range.lowerBound):\(range.upperBound)" }
}

extension PixelMask {
    /// The bands of wholly masked rows, then those of wholly masked columns, each in ascending order.
    public var bands: [GapBand] {
        var openRows = [Bool](repeating: false, count: shape.rows)
        var openColumns = [Bool](repeating: false, count: shape.columns)
        for row in 0..<shape.rows {
            for column in 0..<shape.columns where !self[row, column] {
                openRows[row] = true
                openColumns[column] = true
            }
        }
        return openRows.closedRanges.map { GapBand(axis: .row, range: $0) }
            + openColumns.closedRanges.map { GapBand(axis: .column, range: $0) }
    }
}

extension [Bool] {
    /// The runs of `false`.
    fileprivate var closedRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        for index in indices where !self[index] {
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.endIndex - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }
}
