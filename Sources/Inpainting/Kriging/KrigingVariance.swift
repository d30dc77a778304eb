internal import Foundation
internal import Fourier
internal import Volume

/// The variances of log(1+I), as it would be measured, of a tile's unknown voxels: the sum of
/// - what photon noise does to a count of the expected size;
/// - the power of the field around the voxel, as far as the conditional variance says that it is not determined, and as
///   far as counts are large enough for the logarithm to follow them;
/// - far from both sides of a wide gap, a share of the scatter of the whole tile, since the background is guessed there.
///
/// Exponents, lengths and shares were fitted on seven simulated scans, at each depth in gaps of 6 to 38 pixels.
struct KrigingVariance {
    let grid: PeriodicGrid
    let voxels: TileVoxels
    let scratch: KrigingScratch
    let background: LocalBackground

    /// Share of the local power that is left where nothing is determined.
    private static let powerShare: Float = 0.85
    /// The largest share of the tile's scatter, and the distance from both sides, as ``reaches``, at half of it.
    private static let (largestScatter, backgroundReach): (Float, Float) = (0.17, 4)

    /// Share of the structure's variance that is left where the counts of some voxels together were measured.
    private static let summedShare: Float = 0.2

    /// What the network was told while it learnt: an earlier form, which is far too large deep in a wide gap.
    private enum Taught {
        /// Depth in pixels at which the guessed background is as uncertain as the tile scatters.
        static let backgroundDepth: Float = 8
        /// The largest share of the tile's scatter.
        static let largestScatter: Float = 11
    }

    /// For each unknown voxel, and what the network is to be told of it.
    ///
    /// - Parameter means: of log(1+I), of the unknown voxels; the scratch memory holds the field and its precision.
    func variances(means: [Float]) -> (stated: [Float], taught: [Float]) {
        let power = localPower()
        let (least, most) = range
        let conditional = conditional()
        let scatter = voxels.level.variance
        let shares = shares(means: means)
        let reaches = reaches
        var variances = (stated: [Float](repeating: 0, count: means.count), taught: [Float]())
        variances.taught = variances.stated
        for index in voxels.gaps.unknown.indices {
            let expected = max(0, expm1(means[index]))
            let depth = Float(voxels.depths[index])
            let undetermined = max(0, min(1, (conditional[index] - least) / (most - least)))
            let compression = expected / (1 + expected)
            let structure =
                Self.powerShare * power[voxels.gaps.unknown[index]] * pow(undetermined, 0.75) * pow(compression, 4)
            let noise = Float(PhotonNoise.squaredError(expectation: expected))
            if let share = shares[index] {
                variances.stated[index] = noise * (1 - share) + Self.summedShare * structure
                variances.taught[index] = noise * (1 - share) + Self.summedShare * structure / depth.squareRoot()
                continue
            }
            let background = Self.largestScatter * scatter / (1 + pow(Self.backgroundReach / reaches[index], 6))
            variances.stated[index] = noise + structure + background
            let guessed = pow(depth / Taught.backgroundDepth, 4)
            variances.taught[index] =
                noise + structure / depth.squareRoot() + scatter * guessed / (1 + guessed / Taught.largestScatter)
        }
        return variances
    }

    /// How far each unknown voxel is from what was measured: of the distances a and b from both sides of its band
    /// a b / (a + b), with only one side that. Elsewhere half its depth.
    private var reaches: [Float] {
        let reaches = largest(rows: reaches(.row), columns: reaches(.column))
        return zip(reaches, voxels.depths).map { $0 > 0 ? $0 : Float($1) / 2 }
    }

    /// For each unknown voxel the larger of what its row and its column say: where two bands cross, neither side is known,
    /// and the larger one is nearer the truth.
    private func largest(rows: [Float], columns: [Float]) -> [Float] {
        voxels.gaps.unknown.map { voxel in
            max(rows[voxel / grid.tile.columns % grid.tile.rows], columns[voxel % grid.tile.columns])
        }
    }

    /// The same for each position of an axis, 0 where it lies in no band.
    private func reaches(_ axis: PeriodicGrid.Axis) -> [Float] {
        let extent = grid.tile.extents[axis.rawValue]
        var reaches = [Float](repeating: 0, count: extent)
        for run in voxels.gaps.runs[axis.rawValue] where run.lowerBound < extent {
            for position in run {
                let before = run.lowerBound > 0 ? 1 / Float(position - run.lowerBound + 1) : 0
                let after = run.upperBound < extent ? 1 / Float(run.upperBound - position) : 0
                reaches[position] = before + after > 0 ? 1 / (before + after) : Float(extent)
            }
        }
        return reaches
    }

    /// For each unknown voxel that shares measured counts with others, how much of them it is expected to hold: they fall
    /// to the voxels by a multinomial law.
    private func shares(means: [Float]) -> [Float?] {
        var shares = [Float?](repeating: nil, count: means.count)
        for group in voxels.sums {
            for member in group.members {
                shares[member] = group.sum > 0 ? min(1, max(0, expm1(means[member])) / group.sum) : 1
            }
        }
        return shares
    }

    /// The variances of a voxel given all others, and given none.
    private var range: (least: Float, most: Float) {
        var (precision, power) = (Float(0), Float(0))
        let size = grid.shape.frame.count
        for frame in 0..<grid.transform.spectrumShape.frames {
            var sums = (Float(0), Float(0))
            for index in frame * size..<(frame + 1) * size {
                sums.0 += scratch.precision[index]
                sums.1 += 1 / scratch.precision[index]
            }
            precision += sums.0 * grid.multiplicity(ofFrequency: frame)
            power += sums.1 * grid.multiplicity(ofFrequency: frame)
        }
        let count = Float(grid.shape.count)
        return (count / precision, max(power / count, 1.001 * count / precision))
    }

    /// The diagonal of the inverse of the unknown voxels' part of the precision matrix.
    private func conditional() -> [Float] {
        let unknown = voxels.gaps.unknown
        var variances = largest(rows: conditional(.row), columns: conditional(.column))
        if voxels.gaps.scattered.isEmpty { return variances }
        let depths = Dictionary(uniqueKeysWithValues: zip(unknown, voxels.depths))
        let groups = voxels.gaps.scattered.map { depths[$0] ?? 0 }
        let byDepth = ScatteredConditioning(grid: grid, voxels: voxels.gaps.scattered, scratch: scratch)
            .variances(groups: groups, count: (groups.max() ?? 0) + 1)
        for index in unknown.indices where variances[index] == 0 {
            variances[index] = byDepth[min(voxels.depths[index], byDepth.count - 1)]
        }
        return variances
    }

    /// The conditional variance at each position of an axis, 0 where it is known.
    private func conditional(_ axis: PeriodicGrid.Axis) -> [Float] {
        let extent = grid.tile.extents[axis.rawValue]
        var variances = [Float](repeating: 0, count: extent)
        for run in voxels.gaps.runs[axis.rawValue] where run.lowerBound < extent {
            let band = BandConditioning(grid: grid, axis: axis, runs: [], scratch: scratch)
            for (offset, variance) in band.variances(of: run).enumerated() {
                variances[run.lowerBound + offset] = variance
            }
        }
        return variances
    }

    /// The mean square of log(1+I) less its background around each voxel of the tile, where it was measured.
    private func localPower() -> [Float] {
        var power = [Float](repeating: 0, count: grid.tile.count)
        for voxel in power.indices where voxels.weights[voxel] == 1 {
            power[voxel] = background.square(of: voxels, at: voxel)
        }
        grid.localMean.apply(to: &power)
        for index in power.indices { power[index] = max(0, power[index] / background.neighbours[index]) }
        return power
    }
}
