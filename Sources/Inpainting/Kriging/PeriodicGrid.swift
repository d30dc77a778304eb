internal import Foundation
internal import Fourier
internal import Volume

/// The periodic grid, (frame, row, column), on which a tile becomes a stationary field: the tile and a few unknown
/// voxels between its ends. It makes all that depends on the shape alone, once for all tiles of a shape.
final class PeriodicGrid: Sendable {
    /// The axes of a volume.
    enum Axis: Int, CaseIterable {
        case frame, row, column
    }

    let tile: VolumeShape
    let shape: VolumeShape
    let transform: FramewiseFourierTransform
    /// The mean over a neighbourhood, for the local background.
    let localMean: LocalMean
    /// The transforms along each axis, of the lines of an image of the spectrum; along the frames, of one of its rows.
    private let lines: [FourierLines]

    /// Least number of unknown voxels between the ends of the tile, which the periodic field would join.
    static let padding = 8

    init(tile: VolumeShape) {
        self.tile = tile
        shape = VolumeShape(
            frames: tile.frames == 1 ? 1 : Self.extent(tile.frames), rows: Self.extent(tile.rows),
            columns: Self.extent(tile.columns))
        transform = FramewiseFourierTransform(shape: shape)
        localMean = LocalMean(tile: tile, grid: shape)
        lines = [
            FourierLines(count: shape.frames, lanes: shape.columns),
            FourierLines(count: shape.rows, lanes: shape.columns),
            FourierLines(count: shape.columns, lanes: shape.rows, frequency: .successive),
        ]
    }

    /// Number of points of the stored half of a spectrum.
    var spectrumCount: Int { transform.spectrumShape.count }

    func lines(along axis: Axis) -> FourierLines { lines[axis.rawValue] }

    /// Position in the grid of a voxel of the tile.
    func position(_ voxel: Int) -> Int {
        let (image, column) = voxel.quotientAndRemainder(dividingBy: tile.columns)
        let (frame, row) = image.quotientAndRemainder(dividingBy: tile.rows)
        return (frame * shape.rows + row) * shape.columns + column
    }

    /// How often a stored frequency of the frame axis stands in the whole spectrum.
    func multiplicity(ofFrequency frequency: Int) -> Float {
        frequency == 0 || 2 * frequency == shape.frames ? 1 : 2
    }

    /// The next multiple of 8, the width of a vector, that is fast to transform.
    private static func extent(_ extent: Int) -> Int { FastSize.next(atLeast: extent + padding, multipleOf: 8) }
}
