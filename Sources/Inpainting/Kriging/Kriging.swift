internal import Foundation
internal import Synchronization
public import Volume
public import WorkMessages

/// Fills gaps by what the fringes around them promise: the conditional mean of a stationary Gaussian field, with its
/// uncertainty.
///
/// The field is log(1+I) minus a local background; its power spectrum is estimated from the very tile that is filled.
/// Overlapping tiles along the gaps are blended, each with its greatest weight in its middle. Tiles with hardly a count
/// get their local background, or the mean of what was measured.
///
/// Source: Cressie 1993, Statistics for Spatial Data, chapter 3.
public final class Kriging: ScanFiller {
    public let method = FillMethod.kriging
    public let contextFrames = KrigingTile.margin
    public let usesSums = true

    /// Share of the measured voxels with a count from which a tile has fringes.
    static let fringeShare = 0.03
    /// The same from which it has a background that varies.
    static let countShare = 0.005
    /// Tiles that are in memory at once.
    private static let group = 32

    /// What is kept for the tiles of a shape: their grid, and memory that no tile uses at the moment.
    private struct TileCache {
        var grid: PeriodicGrid
        var scratch: [KrigingScratch] = []
    }

    private let caches = Mutex<[VolumeShape: TileCache]>([:])

    public init() {}

    public func fill(_ block: inout FrameBlock) {
        fill(&block) { tile, block, sums in estimate(tile, of: block, sums: sums) }
    }

    /// Fills a block by what is to be expected in overlapping tiles, which all cores work on.
    ///
    /// - Parameter estimate: makes the estimate of one tile on the calling thread; the block that it is given holds a
    ///   first guess in its gaps, in the place of the sums.
    func fill(
        _ block: inout FrameBlock,
        by estimate: @Sendable (_ tile: KrigingTile, _ block: FrameBlock, _ sums: MeasuredSums) -> TileEstimate
    ) {
        let sums = MeasuredSums(of: block)
        Interpolation(.linear).fill(&block)
        sums.conserve(&block.data.storage)
        blend(block, sums: sums, by: estimate).write(to: &block)
        sums.conserve(&block.data.storage)
    }

    /// The mean of what overlapping tiles say.
    private func blend(
        _ block: FrameBlock, sums: MeasuredSums,
        by estimate: @Sendable (_ tile: KrigingTile, _ block: FrameBlock, _ sums: MeasuredSums) -> TileEstimate
    ) -> BlockEstimate {
        let tiles = KrigingTile.cover(block.plans, frames: block.frames)
        var blend = KrigingBlend(block)
        for first in stride(from: 0, to: tiles.count, by: Self.group) {
            let group = first..<min(first + Self.group, tiles.count)
            let estimates = concurrentMap(group) { estimate(tiles[$0], block, sums) }
            for (tile, estimate) in zip(tiles[group], estimates) { blend.add(estimate, of: tile) }
        }
        return blend.estimate
    }

    /// Kriges one tile of a block, which holds a first guess in its gaps, on the calling thread.
    func estimate(_ tile: KrigingTile, of block: FrameBlock, sums: MeasuredSums) -> TileEstimate {
        let masks = tile.masks(of: block)
        return estimate(
            tile.crop(block.data), masks: masks.masked, guesses: masks.fillable,
            sums: sums.within(tile, of: block.data.shape))
    }

    /// Kriges one tile on the calling thread; any number of threads may do so at once.
    ///
    /// - Parameters:
    ///   - counts: of 32 to 48 voxels along each axis and more across a wide gap; masked voxels may hold anything.
    ///   - mask: the same for all frames; whole rows and columns are fastest.
    ///   - sums: masked pixels that were measured together; their holders hold the sums, in each frame.
    public func estimate(counts: Volume<Float>, mask: PixelMask, sums: SummedPixels? = nil) -> TileEstimate {
        estimate(counts: counts, masks: [PixelMask](repeating: mask, count: counts.shape.frames), sums: sums)
    }

    /// The same with a mask for each frame.
    ///
    /// - Precondition: there are as many masks as frames, of their shape.
    public func estimate(counts: Volume<Float>, masks: [PixelMask], sums: SummedPixels? = nil) -> TileEstimate {
        precondition(masks.count == counts.shape.frames, "\(masks.count) masks for \(counts.shape.frames) frames")
        var start = counts
        var latest: (mask: PixelMask, plan: GapPlan, stencil: Stencil)?
        var guesses: [PixelMask] = []
        var groups: [MeasuredSums.Group] = []
        start.storage.withUnsafeMutableBufferPointer { start in
            for (frame, mask) in masks.enumerated() {
                precondition(mask.shape == counts.shape.frame, "a mask of \(mask.shape) for \(counts.shape)")
                if latest?.mask != mask {
                    let plan = GapPlan(mask: mask, maximumWidth: .max, sums: sums)
                    latest = (mask, plan, Stencil.linear(plan))
                }
                guard let latest else { continue }
                let voxels = counts.range(ofFrame: frame)
                for group in latest.plan.sums?.groups ?? [] {
                    groups.append(
                        .init(
                            members: group.members.map { voxels.lowerBound + $0 },
                            sum: start[voxels.lowerBound + group.holder]))
                }
                latest.stencil.apply(to: UnsafeMutableBufferPointer(rebasing: start[voxels]))
                guesses.append(latest.plan.fillable)
            }
        }
        let measured = MeasuredSums(groups: groups)
        measured.conserve(&start.storage)
        return estimate(start, masks: masks, guesses: guesses, sums: measured)
    }

    /// - Parameter counts: masked voxels with a guess hold it.
    private func estimate(
        _ counts: Volume<Float>, masks: [PixelMask], guesses: [PixelMask], sums: MeasuredSums
    ) -> TileEstimate {
        let (grid, scratch) = borrow(counts.shape)
        defer { giveBack(scratch, for: counts.shape) }
        let voxels = TileVoxels(counts: counts, masks: masks, guesses: guesses, sums: sums, grid: grid)
        let solver = KrigingSolver(grid: grid, voxels: voxels, scratch: scratch)
        if voxels.signalShare < Self.countShare { return solver.levelEstimate() }
        return voxels.signalShare < Self.fringeShare ? solver.backgroundEstimate() : solver.estimate()
    }

    private func borrow(_ tile: VolumeShape) -> (PeriodicGrid, KrigingScratch) {
        let (grid, scratch) = caches.withLock { caches in
            var cache = caches[tile] ?? TileCache(grid: PeriodicGrid(tile: tile))
            let scratch = cache.scratch.popLast()
            caches[tile] = cache
            return (cache.grid, scratch)
        }
        return (grid, scratch ?? KrigingScratch(grid: grid))
    }

    private func giveBack(_ scratch: KrigingScratch, for tile: VolumeShape) {
        caches.withLock { $0[tile]?.scratch.append(scratch) }
    }
}

/// The weighted mean of what overlapping tiles say about the voxels to be filled.
struct KrigingBlend {
    private let frames: Range<Int>
    private let plans: [GapPlan]
    /// The place of each pixel among those that any frame fills, or -1.
    private let places: [Int32]
    private var sums: BlockEstimate
    private var weights: [Float]

    init(_ block: FrameBlock) {
        frames = block.frames
        plans = block.plans
        let fillable = KrigingTile.union(of: block.plans[block.frames])
        let pixels = fillable.storage.indices.filter { fillable.storage[$0] }
        var places = [Int32](repeating: -1, count: fillable.shape.count)
        for (place, pixel) in pixels.enumerated() { places[pixel] = Int32(place) }
        self.places = places
        sums = BlockEstimate(frames: block.frames, pixels: pixels)
        weights = sums.mean
    }

    /// Adds what one tile says.
    mutating func add(_ estimate: TileEstimate, of tile: KrigingTile) {
        for frame in tile.frames.clamped(to: frames) {
            let fillable = plans[frame].fillable
            for row in tile.rows {
                let base = estimate.mean.rowBase(
                    frame: frame - tile.frames.lowerBound, row: row - tile.rows.lowerBound)
                for column in tile.columns where fillable[row, column] {
                    let weight = tile.weight(frame: frame, row: row, column: column)
                    let from = base + column - tile.columns.lowerBound
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

/// What is to be expected in the fillable voxels of a block of frames, in log(1+I).
public struct BlockEstimate: Sendable {
    /// The frames that are filled.
    public let frames: Range<Int>
    /// Positions in a frame, row-major, of the pixels that any of these frames fills.
    public let pixels: [Int]
    /// For each frame and each of the pixels: place `(frame - frames.lowerBound) * pixels.count + pixel`.
    public var mean: [Float]
    /// Standard deviation of what would be measured.
    public var deviation: [Float]
    /// The local background, on which the fringes stand.
    public var background: [Float]

    init(frames: Range<Int>, pixels: [Int]) {
        self.frames = frames
        self.pixels = pixels
        mean = [Float](repeating: 0, count: frames.count * pixels.count)
        deviation = mean
        background = mean
    }

    /// Replaces the fillable voxels of the block by the expected counts, and states the errors of all.
    ///
    /// See ``StatedError`` for how they are stated.
    ///
    /// - Precondition: the estimate was made for this block.
    public func write(to block: inout FrameBlock) {
        precondition(block.frames == frames, "an estimate of frames \(frames) for frames \(block.frames)")
        var errors = Volume<Float>(
            shape: VolumeShape(frames: frames.count, frame: block.data.shape.frame), repeating: .nan)
        for frame in frames {
            let plan = block.plans[frame]
            let base = block.data.rowBase(frame: frame, row: 0)
            let place = frame - frames.lowerBound
            let errorBase = errors.rowBase(frame: place, row: 0)
            for pixel in 0..<plan.mask.shape.count where !plan.mask.storage[pixel] {
                errors.storage[errorBase + pixel] = block.data.storage[base + pixel].squareRoot()
            }
            for (index, pixel) in pixels.enumerated() where plan.fillable.storage[pixel] {
                let voxel = place * pixels.count + index
                let stated = StatedError.counts(mean: mean[voxel], deviation: deviation[voxel])
                block.data.storage[base + pixel] = stated.estimate
                errors.storage[errorBase + pixel] = stated.error
            }
        }
        block.errors = errors
    }
}

/// What kriging says about every voxel of one tile, (frame, slow = row, fast = column), in log(1+I).
public struct TileEstimate: Sendable {
    /// Measured voxels as measured, masked ones as they are to be expected.
    public var mean: Volume<Float>
    /// Standard deviation of what would be measured; 0 where it was measured.
    public var deviation: Volume<Float>
    /// The local background, on which the fringes stand.
    public var background: Volume<Float>
    /// Share of the measured voxels that hold a count.
    public var signalShare: Double
}
