internal import Volume

/// The unknown voxels of a tile: whole frames, rows and columns, and what is left over.
struct TileGaps: Sendable {
    /// For each axis the runs of positions at which every voxel is unknown; the padding first, in which nothing is to be
    /// found.
    let runs: [[Range<Int>]]
    /// Positions in the tile of the unknown voxels that lie in no run.
    let scattered: [Int]
    /// Positions in the tile of all unknown voxels.
    let unknown: [Int]

    /// - Parameter masks: the masked pixels of each frame of the tile.
    init(masks: [PixelMask], grid: PeriodicGrid) {
        let tile = grid.tile
        var masked = (
            frames: [Int](repeating: 0, count: tile.frames), rows: [Int](repeating: 0, count: tile.rows),
            columns: [Int](repeating: 0, count: tile.columns)
        )
        var unknown: [Int] = []
        for (frame, mask) in masks.enumerated() {
            for row in 0..<tile.rows {
                for column in 0..<tile.columns where mask.storage[row &* tile.columns &+ column] {
                    masked.frames[frame] &+= 1
                    masked.rows[row] &+= 1
                    masked.columns[column] &+= 1
                    unknown.append((frame &* tile.rows &+ row) &* tile.columns &+ column)
                }
            }
        }
        let isWhole = (
            frames: masked.frames.map { $0 == tile.frame.count },
            rows: masked.rows.map { $0 == tile.frames * tile.columns },
            columns: masked.columns.map { $0 == tile.frames * tile.rows }
        )
        runs = [
            Self.runs(isWhole.frames, period: grid.shape.frames), Self.runs(isWhole.rows, period: grid.shape.rows),
            Self.runs(isWhole.columns, period: grid.shape.columns),
        ]
        scattered = unknown.filter { voxel in
            let (image, column) = voxel.quotientAndRemainder(dividingBy: tile.columns)
            let (frame, row) = image.quotientAndRemainder(dividingBy: tile.rows)
            return !isWhole.frames[frame] && !isWhole.rows[row] && !isWhole.columns[column]
        }
        self.unknown = unknown
    }

    /// Number of unknown positions of an axis, the padding not counted.
    func width(along axis: PeriodicGrid.Axis) -> Int { runs[axis.rawValue].dropFirst().reduce(0) { $0 + $1.count } }

    /// The unknown positions of a periodic axis of which the first ones are the tile, the rest padding.
    private static func runs(_ isUnknown: [Bool], period: Int) -> [Range<Int>] {
        let padding = isUnknown.count < period ? [isUnknown.count..<period] : []
        var runs: [Range<Int>] = []
        for (position, isUnknown) in isUnknown.enumerated() where isUnknown {
            if let last = runs.last, last.upperBound == position {
                runs[runs.count - 1] = last.lowerBound..<position + 1
            } else {
                runs.append(position..<position + 1)
            }
        }
        return padding + runs
    }
}
