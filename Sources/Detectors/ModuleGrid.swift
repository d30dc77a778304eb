public import Volume

/// The equal modules (or chips) that tile a detector and the spaces between them, in pixels.
public struct ModuleGrid: Hashable, Sendable {
    /// Extent of one module.
    public var size: FrameShape
    /// Rows and columns of the image between two modules, where there is no sensor.
    public var gap: FrameShape
    /// Lines without sensor inside each module, counted from its first row and column, e.g. between two CdTe crystals.
    public var seams: MaskRegions

    public init(size: FrameShape, gap: FrameShape, seams: MaskRegions = MaskRegions()) {
        self.size = size
        self.gap = gap
        self.seams = seams
    }

    /// Whether whole modules and the gaps between them make up the image exactly.
    func tiles(_ shape: FrameShape) -> Bool {
        (shape.rows + gap.rows).isMultiple(of: size.rows + gap.rows)
            && (shape.columns + gap.columns).isMultiple(of: size.columns + gap.columns)
    }

    /// The rows between modules.
    func gapRows(in shape: FrameShape) -> [Range<Int>] { gaps(size.rows, gap.rows, extent: shape.rows) }

    /// The columns between modules.
    func gapColumns(in shape: FrameShape) -> [Range<Int>] { gaps(size.columns, gap.columns, extent: shape.columns) }

    /// All lines of the image without sensor.
    func regions(in shape: FrameShape) -> MaskRegions {
        let rowStarts = stride(from: 0, to: shape.rows, by: size.rows + gap.rows)
        let columnStarts = stride(from: 0, to: shape.columns, by: size.columns + gap.columns)
        return MaskRegions(
            rows: gapRows(in: shape) + rowStarts.flatMap { start in seams.rows.map { $0.shifted(by: start) } },
            columns: gapColumns(in: shape)
                + columnStarts.flatMap { start in seams.columns.map { $0.shifted(by: start) } }
        )
    }

    private func gaps(_ size: Int, _ gap: Int, extent: Int) -> [Range<Int>] {
        guard gap > 0 else { return [] }
        return stride(from: size, to: extent, by: size + gap).map { $0..<$0 + gap }
    }
}

extension Range<Int> {
    func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}

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

/// Which lines of an image are meant: whole rows (slow axis) or whole columns (fast axis).
public enum LineAxis: String, Hashable, Sendable, Codable, CaseIterable {
    case row
    case column

    var exchanged: LineAxis { self == .row ? .column : .row }
}

/// The enlarged pixels along the seams of one continuous sensor: they count what several pixels would have counted.
///
/// MAXIPIX: the line of pixels on either side of a seam is 165 um wide, three times the others. With Lima's raw fill mode
/// such a line holds the sum of three lines of the image, of which two are empty.
public struct EdgePixels: Hashable, Sendable {
    /// What to do with the sums.
    public enum Use: String, Hashable, Sendable, Codable, CaseIterable {
        /// Use them where the data show that they are sums.
        case auto
        /// Treat the lines as part of the gap.
        case mask
    }

    /// One line of sums.
    public struct Line: Hashable, Sendable {
        public var axis: LineAxis
        /// The row or column that holds the sums.
        public var index: Int
        /// The lines whose counts it sums, itself included.
        public var covers: Range<Int>

        public init(axis: LineAxis, index: Int, covers: Range<Int>) {
            self.axis = axis
            self.index = index
            self.covers = covers
        }
    }

    /// Width of such a pixel in pixels: the number of lines that one line sums.
    public var factor: Int
    public var lines: [Line]

    public init(factor: Int, lines: [Line]) {
        self.factor = factor
        self.lines = lines
    }
}

extension EdgePixels.Line {
    /// The two lines beside a gap, each of which covers `factor` lines: itself and the nearest of the gap.
    static func beside(_ gap: GapBand, factor: Int) -> [EdgePixels.Line] {
        let before = gap.range.lowerBound - 1
        let after = gap.range.upperBound
        return [
            EdgePixels.Line(axis: gap.axis, index: before, covers: before..<before + factor),
            EdgePixels.Line(axis: gap.axis, index: after, covers: after + 1 - factor..<after + 1),
        ]
    }
}
