internal import Foundation
internal import Volume
internal import WorkMessages

extension FrameBlock {
    /// Tiles that are in memory at once.
    private static let tileGroup = 32

    /// Fills the block by what an estimator expects in overlapping tiles along its gaps, on which all cores work. The
    /// tiles are blended, each with its greatest weight in its middle; counts that voxels hold together are kept.
    ///
    /// - Parameter estimate: makes the estimate of one tile on the calling thread; the block that it is given holds a
    ///   first guess in its gaps, in the place of the sums.
    mutating func fillByTiles(
        _ estimate: @Sendable (_ tile: Tile, _ block: FrameBlock, _ sums: MeasuredSums) -> TileEstimate
    ) {
        let sums = startTiles()
        write(blend(sums: sums, count: 1) { [estimate($0, $1, $2)] }[0], sums: sums)
    }

    /// The same with two estimates of each tile, of which the first fills the block.
    ///
    /// - Returns: the block as the second fills it.
    mutating func fillByTiles(
        _ estimate: @Sendable (_ tile: Tile, _ block: FrameBlock, _ sums: MeasuredSums) -> (TileEstimate, TileEstimate)
    ) -> FrameBlock {
        let sums = startTiles()
        let estimates = blend(sums: sums, count: 2) {
            let (one, other) = estimate($0, $1, $2)
            return [one, other]
        }
        var second = self
        second.write(estimates[1], sums: sums)
        write(estimates[0], sums: sums)
        return second
    }

    /// Writes a first guess into the gaps.
    private mutating func startTiles() -> MeasuredSums {
        let sums = MeasuredSums(of: self)
        Interpolation(.linear).fill(&self)
        sums.conserve(&data.storage)
        return sums
    }

    private mutating func write(_ estimate: BlockEstimate, sums: MeasuredSums) {
        estimate.write(to: &self)
        sums.conserve(&data.storage)
    }

    /// The means of what overlapping tiles say.
    ///
    /// - Parameter count: of estimates that are made of each tile.
    private func blend(
        sums: MeasuredSums, count: Int,
        by estimate: @Sendable (_ tile: Tile, _ block: FrameBlock, _ sums: MeasuredSums) -> [TileEstimate]
    ) -> [BlockEstimate] {
        let tiles = Tile.cover(plans, frames: frames)
        var blends = [TileBlend](repeating: TileBlend(self), count: count)
        for first in stride(from: 0, to: tiles.count, by: Self.tileGroup) {
            let group = first..<min(first + Self.tileGroup, tiles.count)
            let estimates = concurrentMap(group) { estimate(tiles[$0], self, sums) }
            for (tile, estimates) in zip(tiles[group], estimates) {
                for (index, estimate) in estimates.enumerated() { blends[index].add(estimate, of: tile) }
            }
        }
        return blends.map(\.estimate)
    }
}

/// The weighted mean of what overlapping tiles say about the voxels to be filled.
private struct TileBlend {
    private let frames: Range<Int>
    private let plans: [GapPlan]
    /// The place of each pixel among those that any frame fills, or -1.
    private let places: [Int32]
    private var sums: BlockEstimate
    private var weights: [Float]

    init(_ block: FrameBlock) {
        frames = block.frames
        plans = block.plans
        let fillable = PixelMask.union(ofFillable: block.plans[block.frames])
        let pixels = fillable.storage.indices.filter { fillable.storage[$0] }
        var places = [Int32](repeating: -1, count: fillable.shape.count)
        for (place, pixel) in pixels.enumerated() { places[pixel] = Int32(place) }
        self.places = places
        sums = BlockEstimate(frames: block.frames, pixels: pixels)
        weights = sums.mean
    }

    /// Adds what one tile says, each voxel by a product of one Hann window for each axis.
    mutating func add(_ estimate: TileEstimate, of tile: Tile) {
        let part = estimate.part.moved(by: tile.box)
        let windows = (
            frames: HannWindow(part.frames), rows: HannWindow(part.rows), columns: HannWindow(part.columns)
        )
        for frame in part.frames.clamped(to: frames) {
            let fillable = plans[frame].fillable
            for row in part.rows {
                let base = estimate.mean.rowBase(
                    frame: frame - tile.box.frames.lowerBound, row: row - tile.box.rows.lowerBound)
                let line = windows.frames[frame] * windows.rows[row]
                for column in part.columns where fillable[row, column] {
                    let weight = line * windows.columns[column]
                    let from = base + column - tile.box.columns.lowerBound
                    let place = Int(places[row * fillable.shape.columns + column])
                    let to = (frame - frames.lowerBound) * sums.pixels.count + place
                    weights[to] += weight
                    sums.mean[to] += weight * estimate.mean.storage[from]
                    let deviation = estimate.deviation.storage[from]
                    sums.deviation[to] += weight * deviation * deviation
                    sums.background[to] += weight * estimate.background.storage[from]
                }
            }
        }
    }

    /// The means.
    var estimate: BlockEstimate {
        var estimate = sums
        for index in weights.indices where weights[index] > 0 {
            estimate.mean[index] /= weights[index]
            estimate.deviation[index] = (estimate.deviation[index] / weights[index]).squareRoot()
            estimate.background[index] /= weights[index]
        }
        return estimate
    }
}

/// The share of the positions of a range in a blend: the greatest in its middle, and above 0 throughout.
struct HannWindow {
    private let first: Int
    private let weights: [Float]

    init(_ range: Range<Int>) {
        first = range.lowerBound
        weights = range.indices.map { position in
            let sine = sinf(.pi * Float(position - range.lowerBound + 1) / Float(range.count + 1))
            return sine * sine
        }
    }

    subscript(position: Int) -> Float { weights[position - first] }
}
