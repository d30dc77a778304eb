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

/// How the roots of a tile's counts become a field that is nearly stationary, and back: in units of what the local
/// background makes of them, less their mean, and divided by the local strength of the fringes, which fade where counts
/// do.
struct KrigingField {
    /// Standard deviation in voxels of the Gaussian neighbourhood that tells the strength.
    static let strengthWidth = 11.0
    /// What the whole tile weighs against the neighbourhood of a voxel, whose weights add up to 1 at most: it tells the
    /// strength where little was measured near by.
    private static let priorWeight: Float = 0.1
    /// The least strength, in units of the background.
    private static let leastStrength: Float = 0.01

    /// The root on which the fringes stand, for each voxel of the tile.
    let level: [Float]
    /// Root mean square of the roots less their level around each voxel of the tile.
    let strength: [Float]

    init(_ voxels: TileVoxels, background: LocalBackground, grid: PeriodicGrid) {
        var units = background.values.map { CountRoot.unit(meanLogarithm: $0) }
        let roots = voxels.roots.span
        var squares = units
        for index in squares.indices { squares[index] = roots[index] / squares[index] }
        let mean = voxels.meanMeasured { squares[$0] }
        var weights = voxels.weights
        for index in squares.indices {
            weights[index] = weights[index] == 1 ? 1 : 0
            let difference = squares[index] - mean
            squares[index] = weights[index] * difference * difference
        }
        let meanSquare = voxels.meanMeasured { squares[$0] }
        grid.wideMean.apply(to: &squares)
        grid.wideMean.apply(to: &weights)
        for index in squares.indices {
            let square = (squares[index] + Self.priorWeight * meanSquare) / (weights[index] + Self.priorWeight)
            squares[index] = max(Self.leastStrength, square.squareRoot()) * units[index]
            units[index] *= mean
        }
        level = units
        strength = squares
    }

    /// The field where a voxel's count has this root.
    @inline(__always)
    func value(root: Float, at voxel: Int) -> Float { (root - level[voxel]) / strength[voxel] }

    /// The root of a voxel's count where the field has this value.
    @inline(__always)
    func root(value: Float, at voxel: Int) -> Float { value * strength[voxel] + level[voxel] }
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
        let expected = Self.boxMean(voxels.roots, shape: shape)
        noise = voxels.meanMeasured { index in
            let strength = field.strength[index]
            return CountRoot.noise(meanRoot: expected[index]) / (strength * strength)
        }
        power = voxels.meanMeasured { index in
            let value = field.value(root: voxels.roots[index], at: index)
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
