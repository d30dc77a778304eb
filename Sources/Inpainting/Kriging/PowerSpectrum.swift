internal import Foundation
internal import Fourier
internal import Volume

/// Estimates a stationary field's power spectrum from one realisation of it: |F|² averaged over neighbouring bins, plus
/// a floor.
///
/// The measured voxels are noisy observations of the expected counts. Photon noise is white, so that it is a constant in
/// the spectrum; the floor keeps what is predicted from following it, and bounds the condition of what is solved.
struct PowerSpectrum {
    /// Standard deviation of the Gaussian whose three central weights are used, in bins.
    static let width: Float = 0.7
    /// The least floor, in units of the mean of the spectrum: leakage between bins, where there is no noise.
    static let leastFloor: Float = 0.1
    /// The floor in units of the share of the field's variance that is photon noise.
    static let floorPerNoise: Float = 1.5

    let grid: PeriodicGrid
    let scratch: KrigingScratch
    /// What is added, in units of the mean of the spectrum.
    let floor: Float

    /// - Parameter noiseShare: the share of the field's variance that is photon noise.
    init(grid: PeriodicGrid, scratch: KrigingScratch, noiseShare: Float) {
        self.grid = grid
        self.scratch = scratch
        floor = max(Self.leastFloor, Self.floorPerNoise * noiseShare)
    }

    /// Writes 1 / S of the spectrum in the scratch memory to its precision, whose field is lost; the mean of S over all
    /// frequencies is the variance of the field.
    func writePrecision() {
        let precision = scratch.precision
        let scale = 1 / Float(grid.shape.count)
        for index in 0..<precision.count { precision[index] = scratch.spectrum[index].squaredModulus * scale }
        smoothImages()
        smoothFrames()
        let size = grid.shape.frame.count
        var sum: Float = 0
        for frame in 0..<stored {
            var part = SIMD8<Float>.zero
            for index in stride(from: frame * size, to: (frame + 1) * size, by: 8) { part += load(index) }
            sum += part.sum() * grid.multiplicity(ofFrequency: frame)
        }
        let added = SIMD8(repeating: max(sum / Float(grid.shape.count) * floor, 1e-12))
        for index in stride(from: 0, to: precision.count, by: 8) { store(1 / (load(index) + added), index) }
    }

    private var stored: Int { grid.transform.spectrumShape.frames }

    /// The weights of a bin and of each of its neighbours.
    private static let weights: (centre: Float, side: Float) = {
        let side = exp(-1 / (2 * width * width))
        return (1 / (1 + 2 * side), side / (1 + 2 * side))
    }()

    // MARK: - Smoothing along one axis after the other, on the periodic spectrum

    private func smoothImages() {
        let (rows, columns) = (grid.shape.rows, grid.shape.columns)
        let (centre, side) = Self.weights
        let work = UnsafeMutableBufferPointer(rebasing: scratch.slabs.precision[..<(rows * columns)])
        for frame in 0..<stored {
            let image = UnsafeMutableBufferPointer(
                rebasing: scratch.precision[frame * rows * columns..<(frame + 1) * rows * columns])
            for row in 0..<rows {
                let first = row &* columns
                let last = first &+ columns &- 1
                for index in first &+ 1..<last {
                    work[index] = centre * image[index] + side * (image[index &- 1] + image[index &+ 1])
                }
                work[first] = centre * image[first] + side * (image[last] + image[first &+ 1])
                work[last] = centre * image[last] + side * (image[last &- 1] + image[first])
            }
            for row in 0..<rows {
                let line = row &* columns
                let before = (row &+ rows &- 1) % rows &* columns
                let after = (row &+ 1) % rows &* columns
                for column in 0..<columns {
                    image[line &+ column] =
                        centre * work[line &+ column] + side * (work[before &+ column] + work[after &+ column])
                }
            }
        }
    }

    /// The neighbours beyond the stored half stand in it at the negative frequencies of rows and columns.
    private func smoothFrames() {
        if grid.shape.frames == 1 { return }
        let size = grid.shape.frame.count
        let (centre, side) = Self.weights
        let previous = UnsafeMutableBufferPointer(rebasing: scratch.slabs.precision[..<size])
        mirror(frame: 1, to: previous)
        let beyond = UnsafeMutableBufferPointer(rebasing: scratch.field[..<size])
        mirror(frame: grid.shape.frames - stored, to: beyond)
        for frame in 0..<stored {
            let image = UnsafeMutableBufferPointer(rebasing: scratch.precision[frame * size..<(frame + 1) * size])
            let after =
                frame + 1 < stored
                ? UnsafeMutableBufferPointer(rebasing: scratch.precision[(frame + 1) * size..<(frame + 2) * size])
                : beyond
            for index in 0..<size {
                let value = image[index]
                image[index] = centre * value + side * (previous[index] + after[index])
                previous[index] = value
            }
        }
    }

    /// Copies an image of the spectrum turned by 180° around frequency 0.
    private func mirror(frame: Int, to target: UnsafeMutableBufferPointer<Float>) {
        let (rows, columns) = (grid.shape.rows, grid.shape.columns)
        for row in 0..<rows {
            let from = (frame * rows + (rows - row) % rows) * columns
            for column in 0..<columns {
                target[row &* columns &+ column] = scratch.precision[from + (column == 0 ? 0 : columns &- column)]
            }
        }
    }

    @inline(__always)
    private func load(_ index: Int) -> SIMD8<Float> {
        UnsafeRawBufferPointer(scratch.precision).loadUnaligned(
            fromByteOffset: 4 &* index, as: SIMD8<Float>.self)
    }

    @inline(__always)
    private func store(_ values: SIMD8<Float>, _ index: Int) {
        UnsafeMutableRawBufferPointer(scratch.precision).storeBytes(
            of: values, toByteOffset: 4 &* index, as: SIMD8<Float>.self)
    }
}

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
    /// The mean over a wide neighbourhood, for the strength of the fringes.
    let wideMean: LocalMean
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
        localMean = LocalMean(tile: tile, grid: shape, width: LocalBackground.width)
        // So wide a neighbourhood must not reach around the grid to the other end of the tile.
        let reach = Int((3 * KrigingField.strengthWidth).rounded(.up))
        wideMean = LocalMean(
            tile: tile,
            grid: VolumeShape(
                frames: tile.frames == 1 ? 1 : tile.frames + reach, rows: tile.rows + reach,
                columns: tile.columns + reach), width: KrigingField.strengthWidth)
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
