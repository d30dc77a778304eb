internal import Foundation
internal import Volume

extension TileEstimate {
    /// Corrects the masked voxels by the network's answer for the tile.
    ///
    /// - Parameters:
    ///   - answer: ``GapNetwork/outputChannels`` numbers for each voxel of `extents`, which begin with the tile.
    mutating func correct(masks: [PixelMask], by answer: UnsafeBufferPointer<Float>, extents: VolumeShape) {
        let shape = mean.shape
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                let base = mean.rowBase(frame: frame, row: row)
                let line = (frame * extents.rows + row) * extents.columns
                for column in 0..<shape.columns where masks[frame][row, column] {
                    let voxel = base + column
                    let correction = Correction(
                        UnsafeBufferPointer(rebasing: answer[((line + column) * GapNetwork.outputChannels)...]))
                    let kriged = deviation.storage[voxel]
                    mean.storage[voxel] = correction.mean(
                        kriged: mean.storage[voxel], background: background.storage[voxel], deviation: kriged)
                    deviation.storage[voxel] = correction.deviation(kriged: kriged)
                }
            }
        }
    }
}
