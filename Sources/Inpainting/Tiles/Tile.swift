package import Volume

/// A part of a block of frames that is estimated at once. Neighbours overlap, and are blended.
struct Tile: Hashable, Sendable {
    /// What is seen.
    var box: VoxelBox
    /// The part for which the tile is made: all gap voxels of a block lie in the core of some tile.
    var core: VoxelBox

    /// Voxels at the border of a tile that its neighbour sees from farther within.
    static let margin = 8
    /// Extent of a tile along each axis, in voxels, where the gap is no reason for more.
    static let extent = 48
    /// Voxels along each axis for which a tile is made; its neighbours share the rest.
    private static let coreExtent = extent - 2 * margin
    /// Measured pixels on both sides of a gap.
    static let context = 20
    /// The widest gap that is seen as a whole.
    static let widestGap = 44

    /// The tiles that together see every fillable voxel of some frames, each from well within.
    ///
    /// - Parameters:
    ///   - plans: of all the frames that are known.
    ///   - frames: those that are to be filled.
    static func cover(_ plans: [GapPlan], frames: Range<Int>) -> [Tile] {
        guard let frame = plans.first?.mask.shape else { return [] }
        return stride(from: frames.lowerBound, to: frames.upperBound, by: coreExtent).flatMap { start in
            let group = start..<min(start + coreExtent, frames.upperBound)
            let seen = centred(on: group, extent: extent, within: plans.count)
            return cover(.union(ofFillable: plans[group])).map { rows, columns, gap in
                Tile(
                    box: VoxelBox(
                        frames: seen,
                        rows: centred(on: rows, extent: tileExtent(gap: gap.rows), within: frame.rows),
                        columns: centred(on: columns, extent: tileExtent(gap: gap.columns), within: frame.columns)),
                    core: VoxelBox(frames: group, rows: rows, columns: columns))
            }
        }
    }

    /// Boxes that cover a mask, first come, first served, with the extents of the gap in which each begins.
    private static func cover(
        _ mask: PixelMask
    ) -> [(rows: Range<Int>, columns: Range<Int>, gap: (rows: Int, columns: Int))] {
        var left = mask
        var boxes: [(rows: Range<Int>, columns: Range<Int>, gap: (rows: Int, columns: Int))] = []
        for row in 0..<mask.shape.rows {
            for column in 0..<mask.shape.columns where left[row, column] {
                let gap = (
                    rows: run(through: row, within: mask.shape.rows) { mask[$0, column] },
                    columns: run(through: column, within: mask.shape.columns) { mask[row, $0] }
                )
                let reach = (rows: coreExtent(gap: gap.rows), columns: coreExtent(gap: gap.columns))
                var box = (rows: row..<row + 1, columns: column..<column + 1)
                for r in row..<min(row + reach.rows, mask.shape.rows) {
                    for c in max(0, column - reach.columns + 1)..<min(column + reach.columns, mask.shape.columns)
                    where left[r, c] {
                        let columns = min(box.columns.lowerBound, c)..<max(box.columns.upperBound, c + 1)
                        if columns.count > reach.columns { continue }
                        box = (row..<r + 1, columns)
                        left[r, c] = false
                    }
                }
                boxes.append((box.rows, box.columns, gap))
            }
        }
        return boxes
    }

    /// Number of masked pixels in succession on both sides of one; of more than the widest gap, some number above that.
    private static func run(through position: Int, within extent: Int, _ isMasked: (Int) -> Bool) -> Int {
        var (first, end) = (position, position + 1)
        while first > 0, end - first <= widestGap, isMasked(first - 1) { first -= 1 }
        while end < extent, end - first <= widestGap, isMasked(end) { end += 1 }
        return end - first
    }

    private static func coreExtent(gap: Int) -> Int { gap > widestGap ? coreExtent : max(coreExtent, gap) }

    private static func tileExtent(gap: Int) -> Int { gap > widestGap ? extent : max(extent, gap + 2 * context) }

    /// A range of the given extent around another one, moved into 0 ..< `end`, or all of that.
    private static func centred(on range: Range<Int>, extent: Int, within end: Int) -> Range<Int> {
        let extent = min(max(extent, range.count), end)
        let start = range.lowerBound - (extent - range.count) / 2
        let moved = min(max(0, start), end - extent)
        return moved..<moved + extent
    }
}

extension PixelMask {
    /// The pixels that are fillable in any of some plans.
    package static func union(ofFillable plans: ArraySlice<GapPlan>) -> PixelMask { union(of: \.fillable, plans) }

    /// The pixels of a kind that are so in any of some plans.
    static func union(of pixels: (GapPlan) -> PixelMask, _ plans: ArraySlice<GapPlan>) -> PixelMask {
        guard var latest = plans.first else { return PixelMask(shape: FrameShape(rows: 0, columns: 0)) }
        var union = pixels(latest)
        for plan in plans where plan !== latest {
            union.formUnion(pixels(plan))
            latest = plan
        }
        return union
    }
}
