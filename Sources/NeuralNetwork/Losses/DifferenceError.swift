/// The mean of |Δp − Δt| or of its square over the differences Δ between neighbouring voxels along each axis longer than
/// one voxel.
///
/// A difference counts with the larger weight of its two voxels, so that those across the edge of a gap do.
public struct DifferenceError: Loss {
    /// The channel of the prediction that is compared.
    public var channel: Int
    /// Whether the differences' errors are squared.
    public var isSquared: Bool

    public init(channel: Int = 0, isSquared: Bool = false) {
        self.channel = channel
        self.isSquared = isSquared
    }

    public func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float {
        let extents = comparison.shape.extents
        let axes = [
            (extents.frames, extents.rows * extents.columns), (extents.rows, extents.columns), (extents.columns, 1),
        ]
        let long = axes.filter { $0.0 > 1 }
        return long.reduce(0) { sum, axis in
            sum + add(comparison, axis: axis, scale: scale / Float(long.count), to: gradient)
        }
    }

    /// - Parameter axis: its extent, and the voxels from one to the next along it.
    private func add(
        _ comparison: Comparison, axis: (extent: Int, step: Int), scale: Float,
        to gradient: UnsafeMutableBufferPointer<Float>
    ) -> Float {
        let channels = comparison.shape.channels
        let (prediction, truth, weights) = (comparison.prediction, comparison.truth, comparison.weights)
        /// Calls `body` for each pair of neighbours that counts.
        func forEachPair(_ body: (_ first: Int, _ second: Int, _ weight: Float) -> Void) {
            for voxel in 0..<comparison.shape.voxels where voxel / axis.step % axis.extent + 1 < axis.extent {
                let weight = max(weights[voxel], weights[voxel + axis.step])
                if weight > 0 { body(voxel, voxel + axis.step, weight) }
            }
        }
        var total = 0.0
        forEachPair { total += Double($2) }
        guard total > 0 else { return 0 }

        let share = scale / Float(total)
        var sum = 0.0
        forEachPair { first, second, weight in
            let (low, high) = (first * channels + channel, second * channels + channel)
            let error = (prediction[high] - prediction[low]) - (truth[second] - truth[first])
            let slope: Float = isSquared ? 2 * error : error > 0 ? 1 : error < 0 ? -1 : 0
            sum += Double(weight * (isSquared ? error * error : abs(error)))
            gradient[high] += share * weight * slope
            gradient[low] -= share * weight * slope
        }
        return Float(sum) * share
    }
}
