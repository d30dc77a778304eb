internal import Foundation
internal import Volume

/// The voxels of one tile, laid out on its periodic grid.
struct TileVoxels {
    /// One voxel that was not measured.
    struct Unknown {
        /// Position in the grid.
        var grid: Int
        /// Position in the block; `nil` where it is not to be filled.
        var block: Int?
        /// City-block distance to the nearest measured pixel of its frame, within the tile.
        var depth: Int
        /// Share of this tile in the blend.
        var weight: Float
    }

    /// log(1+I); where it was not measured, the first guess, and 0 where the grid is empty.
    private(set) var logs: [Float]
    /// 1 where the voxel was measured, 0 elsewhere.
    private(set) var measured: [Float]
    private(set) var unknown: [Unknown] = []
    /// Share of the measured voxels that hold a count.
    private(set) var signalShare = 0.0

    /// - Parameter block: its fillable voxels hold a first guess.
    init(_ tile: KrigingTile, of block: FrameBlock, on grid: PeriodicGrid) {
        logs = [Float](repeating: 0, count: grid.shape.count)
        measured = logs
        var known = 0
        var counted = 0
        for frame in tile.frames {
            let plan = block.plans[frame]
            let depths = Self.depths(plan.mask, tile)
            let isFilled = block.frames.contains(frame)
            for row in tile.rows {
                let pixels = row * plan.mask.shape.columns
                let base = block.data.rowBase(frame: frame, row: row)
                let start = grid.index(frame: frame - tile.frames.lowerBound, row: row - tile.rows.lowerBound)
                for column in tile.columns {
                    let offset = column - tile.columns.lowerBound
                    let count = block.data.storage[base + column]
                    if !plan.mask.storage[pixels + column] {
                        measured[start + offset] = 1
                        logs[start + offset] = log1p(count)
                        known += 1
                        if count >= 1 { counted += 1 }
                        continue
                    }
                    let fillable = plan.fillable.storage[pixels + column]
                    logs[start + offset] = fillable ? log1p(count) : 0
                    unknown.append(
                        Unknown(
                            grid: start + offset, block: fillable && isFilled ? base + column : nil,
                            depth: depths[(row - tile.rows.lowerBound) * tile.columns.count + offset],
                            weight: tile.weight(frame: frame, row: row, column: column)))
                }
            }
        }
        signalShare = known > 0 ? Double(counted) / Double(known) : 0
    }

    /// The estimate where there is next to no signal: mean and variance of what was measured.
    func levelEstimate() -> KrigingEstimate {
        var (count, sum, squares) = (0.0, 0.0, 0.0)
        for index in logs.indices where measured[index] > 0 {
            count += 1
            sum += Double(logs[index])
            squares += Double(logs[index] * logs[index])
        }
        let mean = sum / max(count, 1)
        let variance = Float(max(0, squares / max(count, 1) - mean * mean))
        return KrigingEstimate(
            voxels: unknown.compactMap { voxel in
                voxel.block.map {
                    KrigingEstimate.Voxel(block: $0, mean: Float(mean), variance: variance, weight: voxel.weight)
                }
            })
    }

    /// The distance of each masked pixel of a tile from what was measured: 1 beside it.
    private static func depths(_ mask: PixelMask, _ tile: KrigingTile) -> [Int] {
        let (rows, columns) = (tile.rows.count, tile.columns.count)
        var depths = [Int](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for column in 0..<columns where mask[tile.rows.lowerBound + row, tile.columns.lowerBound + column] {
                let above = row > 0 ? depths[(row - 1) * columns + column] : rows
                let before = column > 0 ? depths[row * columns + column - 1] : columns
                depths[row * columns + column] = 1 + min(above, before)
            }
        }
        for row in (0..<rows).reversed() {
            for column in (0..<columns).reversed() {
                let below = row + 1 < rows ? depths[(row + 1) * columns + column] : rows
                let after = column + 1 < columns ? depths[row * columns + column + 1] : columns
                depths[row * columns + column] = min(depths[row * columns + column], 1 + min(below, after))
            }
        }
        return depths
    }
}
