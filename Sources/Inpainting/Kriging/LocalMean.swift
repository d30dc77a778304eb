internal import Foundation
internal import Volume

/// The mean over a Gaussian neighbourhood of each voxel of a tile, on a periodic grid, empty outside of the tile.
///
/// A wide Gaussian has few frequencies: along each axis the values are projected on its cosines and sines and put
/// together again, which costs less than a Fourier transform.
struct LocalMean: Sendable {
    /// Frequencies whose share in the Gaussian is less are left out.
    private static let smallest = 1e-3

    /// The waves of one axis.
    private struct Waves {
        var count: Int
        var positions: Int
        /// One wave after the other, and one position after the other.
        var byWave: [Float]
        var byPosition: [Float]
    }

    private let tile: VolumeShape
    private let waves: [Waves]

    /// - Parameters:
    ///   - width: the standard deviation of the Gaussian, in voxels.
    ///   - grid: its extents are the periods along the axes.
    init(tile: VolumeShape, grid: VolumeShape, width: Double) {
        self.tile = tile
        waves = zip(tile.extents, grid.extents).map { extent, period in
            let waves = Self.waves(extent: extent, period: period, width: width)
            return Waves(
                count: waves.count, positions: extent, byWave: waves.flatMap(\.self),
                byPosition: (0..<extent).flatMap { position in waves.map { $0[position] } })
        }
    }

    /// Replaces values by their weighted sums over the neighbourhood; the weights of a full grid add up to 1.
    ///
    /// - Precondition: there are as many values as the tile has voxels.
    func apply(to values: inout [Float]) {
        precondition(values.count == tile.count, "\(values.count) values for a tile of \(tile)")
        let (frames, rows) = (waves[0].count, waves[1].count)
        // Frames first: the longest runs of neighbours come where there is most to do.
        let byFrame = project(values, on: waves[0], before: 1, after: tile.rows * tile.columns)
        let byRow = project(byFrame, on: waves[1], before: frames, after: tile.columns)
        let byColumn = project(byRow, on: waves[2], before: frames * rows, after: 1)
        let alongColumns = expand(byColumn, in: waves[2], before: frames * rows, after: 1)
        let alongRows = expand(alongColumns, in: waves[1], before: frames, after: tile.columns)
        values = expand(alongRows, in: waves[0], before: 1, after: tile.rows * tile.columns)
    }

    private static func waves(extent: Int, period: Int, width: Double) -> [[Float]] {
        var waves: [[Float]] = []
        for frequency in 0...period / 2 {
            let turns = Double(frequency) / Double(period)
            let share = exp(-2 * pow(.pi * turns * width, 2))
            if share < smallest { break }
            let isSingle = frequency == 0 || 2 * frequency == period
            let amplitude = (share * (isSingle ? 1 : 2) / Double(period)).squareRoot()
            waves.append((0..<extent).map { Float(amplitude * cos(2 * .pi * turns * Double($0))) })
            if !isSingle { waves.append((0..<extent).map { Float(amplitude * sin(2 * .pi * turns * Double($0))) }) }
        }
        return waves
    }

    /// The coefficients of the waves along an axis, which has `before` positions before and `after` positions after it.
    private func project(_ values: [Float], on waves: Waves, before: Int, after: Int) -> [Float] {
        Self.multiply(
            values, by: waves.byPosition, transposed: waves.byWave, from: waves.positions, to: waves.count,
            before: before, after: after)
    }

    /// The sum of the waves along an axis.
    private func expand(_ values: [Float], in waves: Waves, before: Int, after: Int) -> [Float] {
        Self.multiply(
            values, by: waves.byWave, transposed: waves.byPosition, from: waves.count, to: waves.positions,
            before: before, after: after)
    }

    /// result(b, t, a) = Σ matrix(s, t) · values(b, s, a).
    private static func multiply(
        _ values: [Float], by matrix: [Float], transposed: [Float], from sources: Int, to targets: Int, before: Int,
        after: Int
    ) -> [Float] {
        var result = [Float](repeating: 0, count: before * targets * after)
        let (values, matrix, transposed) = (values.span, matrix.span, transposed.span)
        var sums = result.mutableSpan
        for block in 0..<before {
            let (from, to) = (block &* sources, block &* targets)
            if after == 1 {
                for source in 0..<sources {
                    let value = values[from &+ source]
                    for target in 0..<targets { sums[to &+ target] += matrix[source &* targets &+ target] * value }
                }
                continue
            }
            for target in 0..<targets {
                for source in 0..<sources {
                    let factor = transposed[target &* sources &+ source]
                    let (first, last) = ((from &+ source) &* after, (to &+ target) &* after)
                    for index in 0..<after { sums[last &+ index] += factor * values[first &+ index] }
                }
            }
        }
        return result
    }
}
