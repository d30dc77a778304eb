internal import Foundation
internal import Volume

extension TileEstimate {
    /// Corrects the masked voxels by the network's answer for the tile.
    ///
    /// - Parameters:
    ///   - answer: ``GapNetwork/outputChannels`` numbers for each voxel of `extents`, which begin with the box.
    ///   - box: the part of the tile that the network saw.
    mutating func correct(
        masks: [PixelMask], by answer: UnsafeBufferPointer<Float>, box: VoxelBox, extents: VolumeShape
    ) {
        for frame in box.frames {
            for row in box.rows {
                let base = mean.rowBase(frame: frame, row: row)
                let line = (frame - box.frames.lowerBound) * extents.rows + row - box.rows.lowerBound
                for column in box.columns where masks[frame][row, column] {
                    let voxel = base + column
                    let place = line * extents.columns + column - box.columns.lowerBound
                    let correction = Correction(
                        UnsafeBufferPointer(rebasing: answer[(place * GapNetwork.outputChannels)...]))
                    let kriged = deviation.storage[voxel]
                    mean.storage[voxel] = correction.mean(
                        kriged: mean.storage[voxel], background: background.storage[voxel], deviation: kriged)
                    deviation.storage[voxel] = correction.deviation(kriged: kriged)
                }
            }
        }
    }
}

extension TileEstimate {
    /// The part of a tile that the network needs to see: across narrow gaps, those voxels that it saw in its training.
    func boxSeen(masks: [PixelMask]) -> VoxelBox {
        var (rows, columns) = (0..<0, 0..<0)
        var latest: PixelMask?
        for mask in masks where mask != latest {
            for row in 0..<mask.shape.rows {
                for column in 0..<mask.shape.columns where mask[row, column] {
                    rows = rows.isEmpty ? row..<row + 1 : min(rows.lowerBound, row)..<max(rows.upperBound, row + 1)
                    columns =
                        columns.isEmpty
                        ? column..<column + 1 : min(columns.lowerBound, column)..<max(columns.upperBound, column + 1)
                }
            }
            latest = mask
        }
        let shape = mean.shape
        return VoxelBox(
            frames: 0..<shape.frames, rows: Self.seen(around: rows, within: shape.rows),
            columns: Self.seen(around: columns, within: shape.columns))
    }

    /// Voxels that the network sees on each side of a gap, and of a gap wider than that.
    private static let (context, contextOfWide) = (10, 16)
    private static let widestNarrow = 14

    private static func seen(around gap: Range<Int>, within extent: Int) -> Range<Int> {
        let context = gap.count > widestNarrow ? contextOfWide : context
        let multiple = GapNetwork.extentMultiple
        let wanted = max(32, (gap.count + 2 * context + multiple - 1) / multiple * multiple)
        guard wanted < extent else { return 0..<extent }
        let start = min(max(0, gap.lowerBound - (wanted - gap.count) / 2), extent - wanted)
        return start..<start + wanted
    }
}
