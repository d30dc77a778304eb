public import Detectors
internal import Foundation
internal import Synchronization
internal import Volume

/// Fills gaps by what the fringes around them promise: the conditional mean of a stationary Gaussian field, with its
/// uncertainty.
///
/// The field is log(1+I) minus a local background; its power spectrum is estimated from the very tile that is filled.
/// Overlapping tiles along the gaps are blended, each with its greatest weight in its middle. Tiles with hardly a count
/// get their local background, or the mean of what was measured.
///
/// Source: Cressie 1993, Statistics for Spatial Data, chapter 3.
public final class Kriging: GapFiller {
    public let method = FillMethod.kriging
    public let contextFrames = KrigingTile.margin

    /// Share of the measured voxels with a count from which a tile has fringes.
    static let fringeShare = 0.03
    /// The same from which it has a background that varies.
    static let countShare = 0.005

    /// The grids of the tile shapes met so far.
    private let grids = Mutex<[VolumeShape: PeriodicGrid]>([:])

    public init() {}

    public func fill(_ block: inout FrameBlock) {
        var start = block
        Interpolation(.linear).fill(&start)
        let tiles = KrigingTile.cover(block.plans, frames: block.frames)
        let estimates = concurrentMap(0..<tiles.count) { estimate(tiles[$0], of: start) }
        var blend = KrigingBlend(frames: block.frames, fillable: KrigingTile.union(of: block.plans[block.frames]))
        for estimate in estimates { blend.add(estimate) }
        blend.write(to: &block)
    }

    private func estimate(_ tile: KrigingTile, of block: FrameBlock) -> KrigingEstimate {
        let grid = grid(for: tile.shape)
        let voxels = TileVoxels(tile, of: block, on: grid)
        if voxels.signalShare < Self.countShare { return voxels.levelEstimate() }
        var solver = KrigingSolver(grid: grid, voxels: voxels)
        return voxels.signalShare < Self.fringeShare ? solver.backgroundEstimate() : solver.estimate()
    }

    private func grid(for tile: VolumeShape) -> PeriodicGrid {
        grids.withLock { grids in
            if let known = grids[tile] { return known }
            let grid = PeriodicGrid(tile: tile)
            grids[tile] = grid
            return grid
        }
    }
}
