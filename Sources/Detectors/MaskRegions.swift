internal import Volume

/// Parts of an image to mask: whole rows, whole columns and rectangles, all half-open.
public struct MaskRegions: Hashable, Sendable {
    /// A rectangle of pixels.
    public struct Block: Hashable, Sendable {
        public var rows: Range<Int>
        public var columns: Range<Int>

        public init(rows: Range<Int>, columns: Range<Int>) {
            self.rows = rows
            self.columns = columns
        }
    }

    public var rows: [Range<Int>]
    public var columns: [Range<Int>]
    /// Rectangles; a single pixel is one of 1x1.
    public var blocks: [Block]

    public init(rows: [Range<Int>] = [], columns: [Range<Int>] = [], blocks: [Block] = []) {
        self.rows = rows
        self.columns = columns
        self.blocks = blocks
    }

    /// Adds what the other has and this one lacks.
    mutating func add(_ other: MaskRegions) {
        rows += other.rows.filter { !rows.contains($0) }
        columns += other.columns.filter { !columns.contains($0) }
        blocks += other.blocks.filter { !blocks.contains($0) }
    }

    /// Whether every part lies inside of an image.
    func fits(_ shape: FrameShape) -> Bool {
        rows.allSatisfy { $0.upperBound <= shape.rows }
            && columns.allSatisfy { $0.upperBound <= shape.columns }
            && blocks.allSatisfy { $0.rows.upperBound <= shape.rows && $0.columns.upperBound <= shape.columns }
    }
}

extension PixelMask {
    /// Masks all the regions.
    mutating func mask(_ regions: MaskRegions) {
        for rows in regions.rows { mask(rows: rows) }
        for columns in regions.columns { mask(columns: columns) }
        for block in regions.blocks { mask(rows: block.rows, columns: block.columns) }
    }
}
