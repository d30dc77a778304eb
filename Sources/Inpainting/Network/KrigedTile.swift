internal import Foundation
internal import Volume

/// One tile of a block as kriged, and later as corrected.
struct KrigedTile {
    let tile: KrigingTile
    private let kriged: TileEstimate
    private let masks: [PixelMask]
    private let mirror: Volume<Float>?
    /// What goes into the blend.
    private(set) var estimate: KrigingEstimate
    /// Share of the measured voxels that hold a count.
    let signalShare: Double

    /// Positions in the tile of the estimate's voxels.
    private let positions: [Int]

    init(_ tile: KrigingTile, of block: FrameBlock, by kriging: Kriging) {
        self.tile = tile
        let counts = tile.crop(block.data)
        masks = tile.frames.map { tile.crop(block.plans[$0].mask) }
        mirror = block.mirror.map(tile.crop)
        kriged = kriging.estimate(counts: counts, masks: masks)
        var positions: [Int] = []
        var voxels: [KrigingEstimate.Voxel] = []
        var (known, counted) = (0, 0)
        for frame in tile.frames {
            let plan = block.plans[frame]
            let isFilled = block.frames.contains(frame)
            for row in tile.rows {
                let line = counts.rowBase(frame: frame - tile.frames.lowerBound, row: row - tile.rows.lowerBound)
                for column in tile.columns {
                    let position = line + column - tile.columns.lowerBound
                    if !plan.mask[row, column] {
                        known += 1
                        if counts.storage[position] >= 1 { counted += 1 }
                    } else if isFilled, plan.fillable[row, column] {
                        positions.append(position)
                        voxels.append(
                            KrigingEstimate.Voxel(
                                block: block.data.rowBase(frame: frame, row: row) + column,
                                mean: kriged.mean.storage[position],
                                variance: kriged.deviation.storage[position] * kriged.deviation.storage[position],
                                weight: tile.weight(frame: frame, row: row, column: column)))
                    }
                }
            }
        }
        self.positions = positions
        estimate = KrigingEstimate(voxels: voxels)
        signalShare = known > 0 ? Double(counted) / Double(known) : 0
    }

    func writeFeatures(extents: VolumeShape, to input: UnsafeMutableBufferPointer<Float>) {
        TileFeatures.write(kriged, masks: masks, mirror: mirror, extents: extents, to: input)
    }

    /// Corrects the estimate by the network's answer for the tile, laid out on `extents`.
    mutating func apply(_ answer: UnsafeBufferPointer<Float>, extents: VolumeShape) {
        let shape = tile.shape
        for (index, position) in positions.enumerated() {
            let (line, column) = (position / shape.columns, position % shape.columns)
            let (frame, row) = (line / shape.rows, line % shape.rows)
            let voxel = (frame * extents.rows + row) * extents.columns + column
            let channels = UnsafeBufferPointer(rebasing: answer[(voxel * GapNetwork.outputChannels)...])
            let correction = Correction(channels)
            let deviation = kriged.deviation.storage[position]
            estimate.voxels[index].mean = correction.mean(
                kriged: kriged.mean.storage[position], background: kriged.background.storage[position],
                deviation: deviation)
            let corrected = correction.deviation(kriged: deviation)
            estimate.voxels[index].variance = corrected * corrected
        }
    }
}

extension KrigingTile {
    /// The tile's voxels of a block's volume.
    fileprivate func crop(_ volume: Volume<Float>) -> Volume<Float> {
        var voxels: [Float] = []
        voxels.reserveCapacity(shape.count)
        for frame in frames {
            for row in rows {
                let base = volume.rowBase(frame: frame, row: row)
                voxels += volume.storage[base + columns.lowerBound..<base + columns.upperBound]
            }
        }
        return Volume(shape: shape, storage: voxels)
    }

    /// The tile's pixels of a frame's mask.
    fileprivate func crop(_ mask: PixelMask) -> PixelMask {
        var flags: [Bool] = []
        flags.reserveCapacity(shape.frame.count)
        for row in rows {
            let base = row * mask.shape.columns
            flags += mask.storage[base + columns.lowerBound..<base + columns.upperBound]
        }
        return PixelMask(shape: shape.frame, storage: flags)
    }
}
