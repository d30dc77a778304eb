internal import Detectors
internal import Volume

/// What the paper's network is used on.
public enum PaperNetwork {
    /// Extents of a patch are multiples of this.
    public static let extentMultiple = 16
    /// The widest gap that it is trained for and asked to fill, in pixels.
    public static let widestGap = 14
    /// The patches that gaps are filled by, (frame, row, column).
    static let patch = VolumeShape(frames: 32, rows: 32, columns: 32)

    /// The patches by which a block is filled: centred on each band across the image, and moved along it and over the
    /// frames until all of it was seen.
    ///
    /// Bands that are too wide, gaps that are no bands and blocks that are smaller than a patch get none.
    ///
    /// - Parameter skippedPixels: between one place and the next.
    static func patches(of block: FrameBlock, skippedPixels: Int) -> [KrigingTile] {
        let shape = block.data.shape
        guard zip(shape.extents, patch.extents).allSatisfy({ $0 >= $1 }) else { return [] }
        let step = skippedPixels + 1
        let frames = places(patch.frames, within: shape.frames, step: step)
        let patches = KrigingTile.union(of: block.plans[block.frames]).bands.filter { $0.width <= widestGap }
            .flatMap { band in
                let isRow = band.axis == .row
                let rows =
                    isRow
                    ? [centred(on: band.range, extent: patch.rows, within: shape.rows)]
                    : places(patch.rows, within: shape.rows, step: step)
                let columns =
                    isRow
                    ? places(patch.columns, within: shape.columns, step: step)
                    : [centred(on: band.range, extent: patch.columns, within: shape.columns)]
                return frames.flatMap { frames in
                    rows.flatMap { rows in
                        columns.map { KrigingTile(frames: frames, rows: rows, columns: $0) }
                    }
                }
            }
        // Where bands cross, both may ask for the same one.
        var seen: Set<KrigingTile> = []
        return patches.filter { seen.insert($0).inserted }
    }

    /// Ranges of one extent from the first to the last that fits.
    private static func places(_ extent: Int, within end: Int, step: Int) -> [Range<Int>] {
        (Array(stride(from: 0, to: end - extent, by: step)) + [end - extent]).map { $0..<$0 + extent }
    }

    /// The range with a gap in its middle; of an odd number of lines, one more lies before it.
    private static func centred(on gap: Range<Int>, extent: Int, within end: Int) -> Range<Int> {
        let start = min(max(0, gap.lowerBound - extent / 2 + gap.count / 2), end - extent)
        return start..<start + extent
    }
}
