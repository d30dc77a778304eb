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
