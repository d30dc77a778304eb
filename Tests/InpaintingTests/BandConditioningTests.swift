import Diffraction
import Foundation
import Fourier
import Testing
import Volume

@testable import Inpainting

@Suite struct BandConditioningTests {
    static let tiles = [
        VolumeShape(frames: 16, rows: 9, columns: 16), VolumeShape(frames: 7, rows: 16, columns: 11),
        VolumeShape(frames: 1, rows: 16, columns: 16),
    ]

    /// A random field on the grid, and the scratch memory with its spectrum and precision.
    private func field(_ grid: PeriodicGrid) -> (values: [Float], scratch: KrigingScratch) {
        var generator = SeededGenerator(seed: 3)
        let values = (0..<grid.shape.count).map { index in
            Float(generator.normal() + 3 * sin(0.9 * Double(index % grid.shape.columns)))
        }
        let scratch = KrigingScratch(grid: grid)
        _ = scratch.field.update(fromContentsOf: values)
        grid.transform.forward(scratch.field, to: scratch.spectrum, image: scratch.image)
        PowerSpectrum(grid: grid, scratch: scratch, noiseShare: 0.1).writePrecision()
        return (values, scratch)
    }

    /// The real values of a spectrum, times a real factor for each frequency.
    private func values(
        _ scratch: KrigingScratch, _ grid: PeriodicGrid, times factor: (Int) -> Float = { _ in 1 }
    ) -> [Float] {
        for index in scratch.draft.indices { scratch.draft[index] = scratch.spectrum[index] * factor(index) }
        grid.transform.backward(scratch.draft, to: scratch.field, image: scratch.image)
        return scratch.field.map { $0 / Float(grid.shape.count) }
    }

    @Test(arguments: tiles, PeriodicGrid.Axis.allCases) func unknownPlanesGetTheirConditionalMean(
        tile: VolumeShape, axis: PeriodicGrid.Axis
    ) {
        let grid = PeriodicGrid(tile: tile)
        if grid.shape.extents[axis.rawValue] == 1 { return }
        let (before, scratch) = field(grid)
        // The last run alone is solved exactly.
        let runs = [4..<7, 9..<14]
        BandConditioning(grid: grid, axis: axis, runs: runs, scratch: scratch).apply()
        let after = values(scratch, grid)
        // The conditional mean makes its part of the precision matrix times the field vanish.
        let product = values(scratch, grid, times: { scratch.precision[$0] })
        var (moved, left) = (Float(0), Float(0))
        for index in before.indices {
            let (image, column) = index.quotientAndRemainder(dividingBy: grid.shape.columns)
            let (frame, row) = image.quotientAndRemainder(dividingBy: grid.shape.rows)
            let position = [frame, row, column][axis.rawValue]
            if !runs.contains(where: { $0.contains(position) }) {
                moved = max(moved, abs(after[index] - before[index]))
            }
            if runs[1].contains(position) { left = max(left, abs(product[index])) }
        }
        #expect(moved < 1e-4)
        #expect(left < 2e-3)
    }

    @Test func theVarianceIsThatOfTheConditionalField() {
        let tile = VolumeShape(frames: 1, rows: 16, columns: 16)
        let grid = PeriodicGrid(tile: tile)
        let (_, scratch) = field(grid)
        let band = BandConditioning(grid: grid, axis: .column, runs: [], scratch: scratch)
        let narrow = band.variances(of: 5..<6)
        let wide = band.variances(of: 5..<10)
        // One voxel's variance given its row is at least that given all others, 1 / P(0), and grows with the gap.
        let mean = scratch.precision.reduce(0, +) / Float(scratch.precision.count)
        #expect(narrow[0] >= 0.999 / mean)
        #expect(wide[2] > wide[0] && wide[0] > narrow[0])
        #expect(abs(wide[0] - wide[4]) < 1e-3 * wide[0])
    }

    @Test func theLocalMeanIsTheSumOverThePeriodicGaussian() {
        let tile = VolumeShape(frames: 5, rows: 9, columns: 12)
        let grid = PeriodicGrid(tile: tile)
        var values = [Float](repeating: 0, count: tile.count)
        values[(2 * tile.rows + 4) * tile.columns + 3] = 1
        grid.localMean.apply(to: &values)
        func gaussian(_ distance: Int, _ period: Int) -> Double {
            (-3...3).reduce(0) { sum, turn in
                let x = Double(distance + turn * period) / LocalBackground.width
                return sum + exp(-x * x / 2) / (LocalBackground.width * (2 * Double.pi).squareRoot())
            }
        }
        for frame in 0..<tile.frames {
            for row in 0..<tile.rows {
                for column in 0..<tile.columns {
                    let expected =
                        gaussian(frame - 2, grid.shape.frames) * gaussian(row - 4, grid.shape.rows)
                        * gaussian(column - 3, grid.shape.columns)
                    let value = values[(frame * tile.rows + row) * tile.columns + column]
                    #expect(abs(Double(value) - expected) < 1e-6)
                }
            }
        }
    }
}
