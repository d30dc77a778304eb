internal import Foundation
internal import Volume

/// The mean of log(1+I) in a neighbourhood of each voxel of a tile, on which the fringes stand.
struct LocalBackground {
    /// Standard deviation of the Gaussian neighbourhood, in voxels.
    static let width = 6.0

    /// For each voxel of the tile.
    let values: [Float]
    /// What the weights in the neighbourhood of each voxel add up to.
    let neighbours: [Float]

    init(_ voxels: TileVoxels, grid: PeriodicGrid) {
        var weights = voxels.weights
        var sums = voxels.logs
        for index in sums.indices { sums[index] *= weights[index] }
        grid.localMean.apply(to: &sums)
        grid.localMean.apply(to: &weights)
        for index in sums.indices {
            weights[index] = max(weights[index], 1e-4)
            sums[index] /= weights[index]
        }
        values = sums
        neighbours = weights
    }

    /// The square of log(1+I) less the background at a measured voxel.
    @inline(__always)
    func square(of voxels: TileVoxels, at voxel: Int) -> Float {
        let difference = voxels.logs[voxel] - values[voxel]
        return difference * difference
    }
}

/// How log(1+I) of a tile becomes a field that is nearly stationary, and back: less its local background, and divided by
/// the local strength of the fringes, which fade where counts do.
struct KrigingField {
    /// Standard deviation in voxels of the Gaussian neighbourhood that tells the strength.
    static let strengthWidth = 11.0
    /// What the whole tile weighs against the neighbourhood of a voxel, whose weights add up to 1 at most: it tells the
    /// strength where little was measured near by.
    private static let priorWeight: Float = 0.1
    /// The least strength, in units of log(1+I).
    private static let leastStrength: Float = 0.01

    /// Of log(1+I), for each voxel of the tile.
    let background: LocalBackground
    /// Root mean square of log(1+I) less its background around each voxel of the tile.
    let strength: [Float]

    init(_ voxels: TileVoxels, background: LocalBackground, grid: PeriodicGrid) {
        var weights = voxels.weights.map { $0 == 1 ? Float(1) : 0 }
        var squares = weights.indices.map { weights[$0] * background.square(of: voxels, at: $0) }
        grid.wideMean.apply(to: &squares)
        grid.wideMean.apply(to: &weights)
        let mean = voxels.meanMeasured { background.square(of: voxels, at: $0) }
        for index in squares.indices {
            let square = (squares[index] + Self.priorWeight * mean) / (weights[index] + Self.priorWeight)
            squares[index] = max(Self.leastStrength, square.squareRoot())
        }
        self.background = background
        strength = squares
    }

    /// The field where a voxel has this log(1+I).
    @inline(__always)
    func value(log: Float, at voxel: Int) -> Float { (log - background.values[voxel]) / strength[voxel] }

    /// log(1+I) where a voxel has this value of the field.
    @inline(__always)
    func log(value: Float, at voxel: Int) -> Float { value * strength[voxel] + background.values[voxel] }
}

/// How much of the variance of a tile's field is photon noise.
struct NoiseShare {
    /// Mean over the measured voxels of the variance that photon noise gives the field.
    let noise: Float
    /// Mean square of the field over the measured voxels.
    let power: Float

    /// Between 0, no noise, and 1, nothing but noise.
    var share: Float { min(1, noise / max(power, 1e-6)) }

    /// - Parameter voxels: of the tile; their neighbourhood of 3 × 3 × 3 voxels tells how many counts are expected.
    init(of field: KrigingField, voxels: TileVoxels, shape: VolumeShape) {
        let expected = Self.boxMean(voxels.logs, shape: shape)
        noise = voxels.meanMeasured { index in
            let strength = field.strength[index]
            return PhotonNoise.variance(meanLogarithm: expected[index]) / (strength * strength)
        }
        power = voxels.meanMeasured { index in
            let value = field.value(log: voxels.logs[index], at: index)
            return value * value
        }
    }

    /// The mean over each voxel and its neighbours along all axes, those beyond the border taken as the voxel itself.
    private static func boxMean(_ values: [Float], shape: VolumeShape) -> [Float] {
        var result = values
        for (stride, extent) in [
            (1, shape.columns), (shape.columns, shape.rows), (shape.frame.count, shape.frames),
        ] where extent > 1 {
            result = boxMean(result, stride: stride, extent: extent)
        }
        return result
    }

    /// The mean over each voxel and its two neighbours along one axis, whose positions are `stride` apart.
    private static func boxMean(_ values: [Float], stride: Int, extent: Int) -> [Float] {
        let third: Float = 1 / 3
        var result = values
        let block = stride * extent
        let source = values.span
        var means = result.mutableSpan
        for start in Swift.stride(from: 0, to: values.count, by: block) {
            for position in 0..<extent {
                let line = start &+ position &* stride
                let before = position > 0 ? line &- stride : line
                let after = position &+ 1 < extent ? line &+ stride : line
                for lane in 0..<stride {
                    let sum = source[before &+ lane] + source[line &+ lane] + source[after &+ lane]
                    means[line &+ lane] = third * sum
                }
            }
        }
        return result
    }
}
