internal import Foundation
internal import Synchronization
public import Volume
public import WorkMessages

/// Fills gaps by what the fringes around them promise: the conditional mean of a stationary Gaussian field, with its
/// uncertainty.
///
/// The field is made of the cube roots of the counts (``CountRoot``) in units of the local background; its power spectrum
/// is estimated from the very tile that is filled.
/// Tiles with hardly a count get their local background, or the mean of what was measured.
///
/// Source: Cressie 1993, Statistics for Spatial Data, chapter 3.
public final class Kriging: ScanFiller {
    public let method = FillMethod.kriging
    public let contextFrames = Tile.margin
    public let usesSums = true

    /// Share of the measured voxels with a count from which a tile has fringes.
    static let fringeShare = 0.03
    /// The same from which it has a background that varies.
    static let countShare = 0.005

    /// What is kept for the tiles of a shape: their grid, and memory that no tile uses at the moment.
    private struct TileCache {
        var grid: PeriodicGrid
        var scratch: [KrigingScratch] = []
    }

    private let caches = Mutex<[VolumeShape: TileCache]>([:])

    public init() {}

    public func fill(_ block: inout FrameBlock) {
        block.fillByTiles { tile, block, sums in estimate(tile, of: block, sums: sums) }
    }

    /// Kriges one tile of a block, which holds a first guess in its gaps, on the calling thread.
    func estimate(_ tile: Tile, of block: FrameBlock, sums: MeasuredSums) -> TileEstimate {
        let masks = tile.box.masks(of: block)
        return estimate(
            block.data.part(tile.box), masks: masks.masked, guesses: masks.fillable,
            sums: sums.within(tile.box, of: block.data.shape))
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
