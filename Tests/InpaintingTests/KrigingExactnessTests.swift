import Diffraction
import Foundation
import Testing
import Volume

@testable import Inpainting

/// Kriging of one frame against the same conditional distribution by dense linear algebra.
@Suite struct KrigingExactnessTests {
    static let tile = VolumeShape(frames: 1, rows: 18, columns: 20)

    private static func counts() -> Volume<Float> {
        var generator = SeededGenerator(seed: 6)
        let means = (0..<tile.count).map { voxel in
            let (row, column) = voxel.quotientAndRemainder(dividingBy: tile.columns)
            return Float(400 * exp(2 * sin(0.9 * Double(column) + 0.5 * Double(row)) - 2))
        }
        return Volume(shape: tile, storage: generator.poisson(means: means))
    }

    /// The precision matrix between two voxels of the grid depends on their distance alone; this is its first row.
    private static func precisionRow(_ scratch: KrigingScratch, _ grid: PeriodicGrid) -> [Double] {
        let (rows, columns) = (grid.shape.rows, grid.shape.columns)
        return (0..<rows * columns).map { place in
            var sum = 0.0
            for frequency in 0..<rows * columns {
                let turns =
                    Double((place / columns) * (frequency / columns)) / Double(rows)
                    + Double((place % columns) * (frequency % columns)) / Double(columns)
                sum += Double(scratch.precision[frequency]) * cos(2 * Double.pi * turns)
            }
            return sum / Double(rows * columns)
        }
    }

    /// Solves a symmetric positive definite system by Cholesky's decomposition.
    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        let count = right.count
        var lower = matrix
        var result = right
        for row in 0..<count {
            for column in 0...row {
                var sum = lower[row][column]
                for index in 0..<column { sum -= lower[row][index] * lower[column][index] }
                lower[row][column] = row == column ? sum.squareRoot() : sum / lower[column][column]
            }
        }
        for row in 0..<count {
            for index in 0..<row { result[row] -= lower[row][index] * result[index] }
            result[row] /= lower[row][row]
        }
        for row in (0..<count).reversed() {
            for index in row + 1..<count { result[row] -= lower[index][row] * result[index] }
            result[row] /= lower[row][row]
        }
        return result
    }

    static let masks: [(String, [(rows: Range<Int>, columns: Range<Int>)])] = [
        ("band", [(0..<18, 8..<12)]), ("cross", [(0..<18, 8..<11), (6..<9, 0..<20)]),
        ("pixels", [(4..<6, 5..<7), (12..<13, 3..<5), (9..<12, 13..<15)]),
    ]

    @Test(arguments: masks) func theMeanIsTheDenseSolution(
        name: String, boxes: [(rows: Range<Int>, columns: Range<Int>)]
    ) {
        var mask = PixelMask(shape: Self.tile.frame)
        for box in boxes { mask.mask(rows: box.rows, columns: box.columns) }
        let grid = PeriodicGrid(tile: Self.tile)
        let scratch = KrigingScratch(grid: grid)
        let voxels = TileVoxels(
            counts: Self.counts(), masks: [mask], guesses: [PixelMask(shape: Self.tile.frame)],
            sums: MeasuredSums(groups: []), grid: grid)
        let field = KrigingField(voxels, background: LocalBackground(voxels, grid: grid), grid: grid)
        let estimate = KrigingSolver(grid: grid, voxels: voxels, scratch: scratch).estimate()

        let row = Self.precisionRow(scratch, grid)
        let columns = grid.shape.columns
        func precision(_ one: Int, _ other: Int) -> Double {
            let rows = (one / columns - other / columns + grid.shape.rows) % grid.shape.rows
            return row[rows * columns + (one % columns - other % columns + columns) % columns]
        }
        var known: [(position: Int, value: Double)] = []
        for voxel in 0..<Self.tile.count where !mask.storage[voxel] {
            known.append((grid.position(voxel), Double(field.value(root: voxels.roots[voxel], at: voxel))))
        }
        let isKnown = Set(known.map(\.position))
        let unknown = (0..<grid.shape.count).filter { !isKnown.contains($0) }
        let solution = Self.solve(
            unknown.map { one in unknown.map { precision(one, $0) } },
            unknown.map { one in known.reduce(0) { $0 - precision(one, $1.position) * $1.value } })
        let dense = Dictionary(uniqueKeysWithValues: zip(unknown, solution))

        var (difference, power) = (0.0, 0.0)
        for voxel in 0..<Self.tile.count where mask.storage[voxel] {
            let root = CountRoot.of(expm1(estimate.mean.storage[voxel]))
            let kriged = Double(field.value(root: root, at: voxel))
            let expected = dense[grid.position(voxel)] ?? .nan
            difference += (kriged - expected) * (kriged - expected)
            power += expected * expected
        }
        #expect((difference / power).squareRoot() < 0.05, "\(name): \((difference / power).squareRoot())")
    }

    @Test func theVarianceIsTheDenseInverse() {
        let grid = PeriodicGrid(tile: Self.tile)
        let scratch = KrigingScratch(grid: grid)
        var mask = PixelMask(shape: Self.tile.frame)
        mask.mask(columns: 8..<12)
        let voxels = TileVoxels(
            counts: Self.counts(), masks: [mask], guesses: [PixelMask(shape: Self.tile.frame)],
            sums: MeasuredSums(groups: []), grid: grid)
        _ = KrigingSolver(grid: grid, voxels: voxels, scratch: scratch).estimate()
        let found = BandConditioning(grid: grid, axis: .column, runs: [], scratch: scratch).variances(of: 8..<12)

        let row = Self.precisionRow(scratch, grid)
        let columns = grid.shape.columns
        let band = (0..<grid.shape.rows).flatMap { row in (8..<12).map { row * columns + $0 } }
        let matrix = band.map { one in
            band.map { other in
                row[
                    (one / columns - other / columns + grid.shape.rows) % grid.shape.rows * columns
                        + (one % columns - other % columns + columns) % columns]
            }
        }
        for position in 0..<4 {
            var unit = [Double](repeating: 0, count: band.count)
            unit[position] = 1
            let expected = Self.solve(matrix, unit)[position]
            #expect(abs(Double(found[position]) / expected - 1) < 1e-3)
        }
    }
}
