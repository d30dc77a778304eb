import Foundation
import Testing
import Volume

@testable import Inpainting

@Suite struct KrigingFieldTests {
    static let shape = VolumeShape(frames: 16, rows: 40, columns: 48)

    /// The voxels of a tile with fringes along the rows whose contrast fades along the columns.
    private func voxels(_ grid: PeriodicGrid, gap: Range<Int>) -> TileVoxels {
        var counts = Volume<Float>(shape: Self.shape, repeating: 0)
        for frame in 0..<Self.shape.frames {
            for row in 0..<Self.shape.rows {
                for column in 0..<Self.shape.columns {
                    let contrast = 1.5 * exp(-Double(column) / 16)
                    let logarithm = 6 + contrast * sin(0.9 * Double(row) + 0.4 * Double(frame))
                    counts.storage[counts.rowBase(frame: frame, row: row) + column] = Float(expm1(logarithm))
                }
            }
        }
        var mask = PixelMask(shape: Self.shape.frame)
        mask.mask(columns: gap)
        return TileVoxels(
            counts: counts, masks: [PixelMask](repeating: mask, count: Self.shape.frames),
            guesses: [PixelMask](repeating: PixelMask(shape: Self.shape.frame), count: Self.shape.frames),
            sums: MeasuredSums(groups: []), grid: grid)
    }

    @Test func theStrengthFollowsFadingFringesIntoTheGap() {
        let grid = PeriodicGrid(tile: Self.shape)
        let voxels = voxels(grid, gap: 20..<26)
        let field = KrigingField(voxels, background: LocalBackground(voxels, grid: grid), grid: grid)
        let line = (8 * Self.shape.rows + 20) * Self.shape.columns
        let strengths = (0..<Self.shape.columns).map { field.strength[line + $0] }
        // Columns 20 to 25 are the gap; at the ends of the tile the neighbourhood is one-sided.
        let inner = strengths[6..<42]
        #expect(zip(inner, inner.dropFirst()).allSatisfy { $0 > $1 }, "\(strengths)")
        #expect(strengths[6] > 1.5 * strengths[41])
    }

    @Test func theFieldIsNearlyStationary() {
        let grid = PeriodicGrid(tile: Self.shape)
        let voxels = voxels(grid, gap: 20..<26)
        let field = KrigingField(voxels, background: LocalBackground(voxels, grid: grid), grid: grid)
        /// The ratio of the mean squares of the first and the last twelve columns.
        func ratio(_ value: (_ voxel: Int) -> Float) -> Float {
            var sums = (Float(0), Float(0))
            for voxel in 0..<Self.shape.count {
                let square = value(voxel) * value(voxel)
                switch voxel % Self.shape.columns {
                case ..<12: sums.0 += square
                case 36...: sums.1 += square
                default: break
                }
            }
            return sums.0 / sums.1
        }
        let mean = voxels.meanMeasured { voxels.roots[$0] }
        let before = ratio { voxels.roots[$0] - mean }
        let after = ratio { field.value(root: voxels.roots[$0], at: $0) }
        #expect(after < before / 3, "\(before) before, \(after) after")
    }

    @Test func theFieldLeadsBackToTheRoots() {
        let grid = PeriodicGrid(tile: Self.shape)
        let voxels = voxels(grid, gap: 20..<26)
        let field = KrigingField(voxels, background: LocalBackground(voxels, grid: grid), grid: grid)
        for voxel in stride(from: 0, to: Self.shape.count, by: 37) {
            let value = field.value(root: voxels.roots[voxel], at: voxel)
            #expect(abs(field.root(value: value, at: voxel) - voxels.roots[voxel]) < 1e-4)
        }
    }

    @Test func aLevelTileHasTheLeastStrength() {
        let grid = PeriodicGrid(tile: Self.shape)
        let masks = [PixelMask](repeating: PixelMask(shape: Self.shape.frame), count: Self.shape.frames)
        let voxels = TileVoxels(
            counts: Volume(shape: Self.shape, repeating: 7), masks: masks, guesses: masks,
            sums: MeasuredSums(groups: []), grid: grid)
        let field = KrigingField(voxels, background: LocalBackground(voxels, grid: grid), grid: grid)
        #expect(field.strength.allSatisfy { $0.isFinite && $0 > 0 })
    }
}
