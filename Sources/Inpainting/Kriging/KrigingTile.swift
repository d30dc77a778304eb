internal import Foundation
package import Volume

/// A box of a block of frames, (frame, slow = row, fast = column), that is kriged at once.
package struct KrigingTile: Hashable, Sendable {
    package var frames: Range<Int>
    package var rows: Range<Int>
    package var columns: Range<Int>

    package init(frames: Range<Int>, rows: Range<Int>, columns: Range<Int>) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    package var shape: VolumeShape { VolumeShape(frames: frames.count, rows: rows.count, columns: columns.count) }

    /// Voxels at the border of a tile that its neighbour sees from farther within.
    static let margin = 8
    /// Extent of a tile along each axis, in voxels, where the gap is no reason for more.
    static let extent = 48
    /// Voxels along each axis for which a tile is made; its neighbours share the rest.
    static let core = extent - 2 * margin
    /// Measured pixels on both sides of a gap.
    static let context = 20
    /// The widest gap that is seen as a whole.
    static let widestGap = 44

    /// The tiles that together see every fillable voxel of some frames, each from well within.
    ///
    /// - Parameters:
    ///   - plans: of all the frames that are known.
    ///   - frames: those that are to be filled.
    static func cover(_ plans: [GapPlan], frames: Range<Int>) -> [KrigingTile] {
        guard let frame = plans.first?.mask.shape else { return [] }
        return stride(from: frames.lowerBound, to: frames.upperBound, by: core).flatMap { start in
            let group = start..<min(start + core, frames.upperBound)
            let seen = centred(on: group, extent: extent, within: plans.count)
            return cover(union(of: plans[group])).map { rows, columns, gap in
                KrigingTile(
                    frames: seen,
                    rows: centred(on: rows, extent: tileExtent(gap: gap.rows), within: frame.rows),
                    columns: centred(on: columns, extent: tileExtent(gap: gap.columns), within: frame.columns))
            }
        }
    }

    /// The pixels that are fillable in any of the plans.
    package static func union(of plans: ArraySlice<GapPlan>) -> PixelMask {
        guard var latest = plans.first else { return PixelMask(shape: FrameShape(rows: 0, columns: 0)) }
        var union = latest.fillable
        for plan in plans where plan !== latest {
            union.formUnion(plan.fillable)
            latest = plan
        }
        return union
    }

    /// Boxes that cover a mask, first come, first served, with the width of the gap in which each begins.
    private static func cover(
        _ mask: PixelMask
    ) -> [(rows: Range<Int>, columns: Range<Int>, gap: (rows: Int, columns: Int))] {
        var left = mask
        var boxes: [(rows: Range<Int>, columns: Range<Int>, gap: (rows: Int, columns: Int))] = []
        for row in 0..<mask.shape.rows {
            for column in 0..<mask.shape.columns where left[row, column] {
                let gap = (
                    rows: run(from: row, to: mask.shape.rows) { mask[$0, column] },
                    columns: run(from: column, to: mask.shape.columns) { mask[row, $0] }
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

    /// Number of masked pixels in succession, at most one more than the widest gap.
    private static func run(from start: Int, to end: Int, _ isMasked: (Int) -> Bool) -> Int {
        var position = start
        while position < min(end, start + widestGap + 1), isMasked(position) { position += 1 }
        return position - start
    }

    private static func coreExtent(gap: Int) -> Int { gap > widestGap ? core : max(core, gap) }

    private static func tileExtent(gap: Int) -> Int { gap > widestGap ? extent : max(extent, gap + 2 * context) }

    /// A range of the given extent around another one, moved into 0 ..< `end`, or all of that.
    private static func centred(on range: Range<Int>, extent: Int, within end: Int) -> Range<Int> {
        let extent = min(max(extent, range.count), end)
        let start = range.lowerBound - (extent - range.count) / 2
        let moved = min(max(0, start), end - extent)
        return moved..<moved + extent
    }
}

extension KrigingTile {
    /// The voxels of the tile.
    package func crop(_ data: Volume<Float>) -> Volume<Float> {
        data.part(VoxelBox(frames: frames, rows: rows, columns: columns))
    }

    /// The masked and the fillable pixels of each frame of the tile.
    package func masks(of block: FrameBlock) -> (masked: [PixelMask], fillable: [PixelMask]) {
        var masks: (masked: [PixelMask], fillable: [PixelMask]) = ([], [])
        var latest: GapPlan?
        for plan in block.plans[frames] {
            if let latest, plan === latest, let masked = masks.masked.last, let fillable = masks.fillable.last {
                masks.masked.append(masked)
                masks.fillable.append(fillable)
            } else {
                masks.masked.append(crop(plan.mask))
                masks.fillable.append(crop(plan.fillable))
            }
            latest = plan
        }
        return masks
    }

    /// The position in the tile of a voxel of the volume that it is a part of; `nil` where the tile ends before.
    func position(of voxel: Int, in volume: VolumeShape) -> Int? {
        let (line, column) = voxel.quotientAndRemainder(dividingBy: volume.columns)
        let (frame, row) = line.quotientAndRemainder(dividingBy: volume.rows)
        guard frames.contains(frame), rows.contains(row), columns.contains(column) else { return nil }
        return ((frame - frames.lowerBound) * rows.count + row - rows.lowerBound) * columns.count + column
            - columns.lowerBound
    }

    private func crop(_ mask: PixelMask) -> PixelMask {
        PixelMask(
            shape: shape.frame,
            storage: rows.flatMap { row in
                let base = row * mask.shape.columns
                return mask.storage[base + columns.lowerBound..<base + columns.upperBound]
            })
    }

    /// The share of each voxel in the blend of overlapping tiles: a product of one Hann window for each axis.
    func weight(frame: Int, row: Int, column: Int) -> Float {
        Self.window(frame, in: frames) * Self.window(row, in: rows) * Self.window(column, in: columns)
    }

    private static func window(_ position: Int, in range: Range<Int>) -> Float {
        let sine = sinf(.pi * Float(position - range.lowerBound + 1) / Float(range.count + 1))
        return sine * sine
    }
}

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
