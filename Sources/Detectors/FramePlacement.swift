internal import Volume

/// Where the pixels of the raw image lie in the frame as saved, (slow = row, fast = column).
struct FramePlacement: Hashable {
    /// One axis of the saved frame, as a walk along one axis of the raw image.
    struct Axis: Hashable {
        /// Raw pixels per saved pixel.
        var binning: Int
        /// Saved pixels along the whole raw axis.
        var binned: Int
        var isReversed = false
        /// First saved position, counted on the whole axis after reversal.
        var first = 0
        /// Number of positions saved.
        var count: Int

        init(rawCount: Int, binning: Int) {
            self.binning = binning
            binned = rawCount / binning
            count = binned
        }

        var reversed: Axis {
            var axis = self
            axis.isReversed.toggle()
            return axis
        }

        /// A part of a whole axis; `nil` where that is empty or not inside.
        func cropped(from first: Int, count: Int) -> Axis? {
            guard (0..<self.count).contains(first), (1...self.count - first).contains(count) else { return nil }
            var axis = self
            (axis.first, axis.count) = (first, count)
            return axis
        }

        /// The raw pixels that make up a saved one.
        func rawRange(ofSaved saved: Int) -> Range<Int> {
            let position = isReversed ? binned - 1 - (first + saved) : first + saved
            return position * binning..<(position + 1) * binning
        }

        /// Where whole raw lines lie; `nil` where they are binned or partly outside.
        func saved(_ raw: Range<Int>) -> Range<Int>? {
            guard binning == 1 else { return nil }
            let lines = isReversed ? binned - raw.upperBound..<binned - raw.lowerBound : raw
            guard first <= lines.lowerBound, lines.upperBound <= first + count else { return nil }
            return lines.shifted(by: -first)
        }
    }

    private(set) var rows: Axis
    private(set) var columns: Axis
    /// The rows of the frame run along the columns of the raw image.
    private(set) var areAxesExchanged = false

    /// `nil` where the operations cannot be done to such an image, e.g. because a region lies outside of it.
    init?(raw: FrameShape, operations: ImageOperations) {
        guard [0, 90, 180, 270].contains(operations.rotationDegrees) else { return nil }
        guard operations.rowBinning > 0, operations.columnBinning > 0 else { return nil }
        areAxesExchanged = operations.rotationDegrees % 180 == 90
        var rawRows = Axis(
            rawCount: raw.rows, binning: areAxesExchanged ? operations.columnBinning : operations.rowBinning)
        var rawColumns = Axis(
            rawCount: raw.columns, binning: areAxesExchanged ? operations.rowBinning : operations.columnBinning)
        rawRows.isReversed = operations.flippedRows
        rawColumns.isReversed = operations.flippedColumns

        switch operations.rotationDegrees {
        case 90: (rows, columns) = (rawColumns, rawRows.reversed)
        case 180: (rows, columns) = (rawRows.reversed, rawColumns.reversed)
        case 270: (rows, columns) = (rawColumns.reversed, rawRows)
        default: (rows, columns) = (rawRows, rawColumns)
        }

        if let region = operations.region {
            guard let rows = rows.cropped(from: region.firstRow, count: region.rows) else { return nil }
            guard let columns = columns.cropped(from: region.firstColumn, count: region.columns) else { return nil }
            (self.rows, self.columns) = (rows, columns)
        }
    }

    /// The shape of the frame as saved.
    var shape: FrameShape { FrameShape(rows: rows.count, columns: columns.count) }

    /// The same with rows and columns of the frame exchanged.
    var transposed: FramePlacement {
        var placement = self
        (placement.rows, placement.columns) = (columns, rows)
        placement.areAxesExchanged.toggle()
        return placement
    }

    /// The mask of the frame; a saved pixel is masked where any of its raw pixels is.
    func move(_ raw: PixelMask) -> PixelMask {
        var mask = PixelMask(shape: shape)
        for row in 0..<shape.rows {
            let rowRange = rows.rawRange(ofSaved: row)
            for column in 0..<shape.columns {
                let columnRange = columns.rawRange(ofSaved: column)
                let (rawRows, rawColumns) = areAxesExchanged ? (columnRange, rowRange) : (rowRange, columnRange)
                mask[row, column] = rawRows.contains { row in rawColumns.contains { raw[row, $0] } }
            }
        }
        return mask
    }

    /// The lines of sums that lie in the frame with all that they cover; `nil` where pixels are binned.
    func move(_ raw: EdgePixels) -> EdgePixels? {
        guard rows.binning == 1, columns.binning == 1 else { return nil }
        let lines = raw.lines.compactMap { line -> EdgePixels.Line? in
            let axis = areAxesExchanged ? line.axis.exchanged : line.axis
            let positions = axis == .row ? rows : columns
            guard let covers = positions.saved(line.covers) else { return nil }
            guard let index = positions.saved(line.index..<line.index + 1)?.lowerBound else { return nil }
            return EdgePixels.Line(axis: axis, index: index, covers: covers)
        }
        return EdgePixels(factor: raw.factor, lines: lines)
    }
}

/// What Lima did to the raw image before saving it, in Lima's order: binning, flip, rotation, then the region of interest.
///
/// Lima records these as `image_operation/{binning,flipping,rotation,region_of_interest}` beside the frames. The order and
/// the sense of rotation are those of Lima's `SoftOpInternalMgr` and `SizeUtils.h`; a flip or a region that the hardware
/// did is recorded in the same terms.
public struct ImageOperations: Hashable, Sendable, Codable {
    /// A rectangle of the binned, flipped and rotated image, in pixels.
    public struct Region: Hashable, Sendable, Codable {
        public var firstRow: Int
        public var firstColumn: Int
        public var rows: Int
        public var columns: Int

        public init(firstRow: Int, firstColumn: Int, rows: Int, columns: Int) {
            self.firstRow = firstRow
            self.firstColumn = firstColumn
            self.rows = rows
            self.columns = columns
        }
    }

    /// Raw pixels per saved pixel along the rows axis of the saved image (Lima's y), which after a rotation by 90 or 270
    /// degrees is the columns axis of the raw image. Pixels that do not fill a bin are dropped at the far end.
    public var rowBinning = 1
    /// Raw pixels per saved pixel along the columns axis of the saved image (Lima's x).
    public var columnBinning = 1
    /// The image was mirrored top to bottom (Lima's `flip y`).
    public var flippedRows = false
    /// The image was mirrored left to right (Lima's `flip x`).
    public var flippedColumns = false
    /// Clockwise rotation in degrees: 0, 90, 180 or 270.
    public var rotationDegrees = 0
    /// The part of the image that was saved; `nil` when all of it was.
    public var region: Region?

    public init() {}

    /// True when the saved image is the raw image.
    public var isIdentity: Bool { self == ImageOperations() }
}

extension ImageOperations: CustomStringConvertible {
    /// E.g. “binning 2x2, rotation 90°”; empty when nothing was done.
    public var description: String {
        var parts: [String] = []
        if rowBinning != 1 || columnBinning != 1 { parts.append("binning \(rowBinning)x\(columnBinning)") }
        if flippedRows { parts.append("rows flipped") }
        if flippedColumns { parts.append("columns flipped") }
        if rotationDegrees != 0 { parts.append("rotation \(rotationDegrees)°") }
        if let region {
            let rows = "\(region.firstRow):\(region.firstRow + region.rows)"
            parts.append("region [\(rows), \(region.firstColumn):\(region.firstColumn + region.columns)]")
        }
        return parts.joined(separator: ", ")
    }
}
