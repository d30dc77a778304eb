internal import Volume

/// How much of the variance of a tile's field, log(1+I) less its background, is photon noise.
struct NoiseShare {
    /// Mean over the measured voxels of the variance that photon noise gives log(1+I).
    let noise: Float
    /// Mean square of the field over the measured voxels.
    let power: Float

    /// Between 0, no noise, and 1, nothing but noise.
    var share: Float { min(1, noise / max(power, 1e-6)) }

    /// - Parameters:
    ///   - voxels: of the tile; their neighbourhood of 3 × 3 × 3 voxels tells how many counts are expected.
    ///   - background: the local background of log(1+I), one for each voxel.
    init(of voxels: TileVoxels, shape: VolumeShape, background: [Float]) {
        let expected = Self.boxMean(voxels.logs, shape: shape)
        noise = Self.mean(over: voxels) { PhotonNoise.variance(meanLogarithm: expected[$0]) }
        power = Self.power(of: voxels, background: background)
    }

    /// The mean square of the field over the measured voxels.
    static func power(of voxels: TileVoxels, background: [Float]) -> Float {
        mean(over: voxels) { index in
            let difference = voxels.logs[index] - background[index]
            return difference * difference
        }
    }

    /// The mean of something over the measured voxels.
    @inline(__always)
    private static func mean(over voxels: TileVoxels, of value: (_ index: Int) -> Float) -> Float {
        var (sum, count) = (0.0, 0)
        for index in voxels.weights.indices where voxels.weights[index] == 1 {
            sum += Double(value(index))
            count += 1
        }
        return Float(sum / Double(max(count, 1)))
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
