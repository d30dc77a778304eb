internal import Foundation
internal import Fourier
internal import Volume

/// The periodic grid, (frame, row, column), on which a tile becomes a stationary field: the tile and a few empty voxels
/// between its ends. It makes the kernels and their transforms once for all tiles of a shape.
final class PeriodicGrid: Sendable {
    let tile: VolumeShape
    let shape: VolumeShape
    let transform: RealFourierTransform3D
    /// Transfer function of the Gaussian whose mean is the local background.
    let background: [Float]
    /// The Gaussian by which an autocovariance fades out with distance, which smooths its spectrum.
    let lagWindow: [Float]

    /// Standard deviation of the background's Gaussian, in voxels.
    static let backgroundWidth = 6.0
    /// Standard deviation to which a spectrum is smoothed, in its bins.
    static let spectralWidth = 0.7
    /// Empty voxels between the ends of the tile, which the periodic field would join.
    static let padding = 8

    init(tile: VolumeShape) {
        func padded(_ extent: Int) -> Int { extent == 1 ? 1 : Self.fastExtent(extent + Self.padding) }
        self.tile = tile
        shape = VolumeShape(frames: padded(tile.frames), rows: padded(tile.rows), columns: padded(tile.columns))
        transform = RealFourierTransform3D(shape: shape)
        background = Self.gaussian(transform.spectrumShape, period: shape, width: Self.backgroundWidth)
        lagWindow = Self.gaussian(shape, period: shape, width: Self.spectralWidth)
    }

    /// Position in the grid of the first voxel of a row of the tile.
    func index(frame: Int, row: Int) -> Int { (frame * shape.rows + row) * shape.columns }

    /// The Fourier transform of a Gaussian of the given standard deviation on a periodic grid, from frequency 0 on.
    private static func gaussian(_ shape: VolumeShape, period: VolumeShape, width: Double) -> [Float] {
        let factors = zip(shape.extents, period.extents).map { extent, period in
            (0..<extent).map { index in
                let turns = Double(min(index, period - index)) / Double(period)
                return Float(exp(-2 * pow(.pi * turns * width, 2)))
            }
        }
        return factors[0].flatMap { frame in factors[1].flatMap { row in factors[2].map { frame * row * $0 } } }
    }

    /// The next even extent that is a product of 2, 3, 5 and 7.
    private static func fastExtent(_ extent: Int) -> Int {
        var extent = extent + extent % 2
        while [2, 3, 5, 7].reduce(
            extent,
            { rest, factor in
                var rest = rest
                while rest % factor == 0 { rest /= factor }
                return rest
            }) != 1
        { extent += 2 }
        return extent
    }
}
