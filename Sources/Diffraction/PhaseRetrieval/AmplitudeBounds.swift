public import Volume

/// What is known of the amplitude of every voxel of a pattern: the least and the greatest that it may be, (frame, row,
/// column), the Bragg peak in the middle, voxel `extent / 2` of each axis.
///
/// All kinds of voxels are one: a measured one has both bounds at the root of its counts, one left to the algorithm has
/// none, and one that was estimated lies within a confidence interval. The last is a generalisation of the interval that
/// PyNX allows interpolated pixels (Favre-Nicolin et al. 2020, J. Appl. Cryst. 53, 1404-1413), here as wide as
/// the estimate is uncertain.
public struct AmplitudeBounds: Sendable {
    public let shape: VolumeShape
    public private(set) var lower: [Float]
    public private(set) var upper: [Float]

    /// Takes every voxel as measured.
    ///
    /// - Parameter counts: at least 0 each.
    public init(counts: Volume<Float>) {
        shape = counts.shape
        lower = counts.storage.map { $0.squareRoot() }
        upper = lower
    }

    /// Leaves a voxel to the algorithm.
    public mutating func free(_ voxel: Int) {
        lower[voxel] = 0
        upper[voxel] = .infinity
    }

    /// Bounds a voxel by what is estimated for it.
    ///
    /// - Parameters:
    ///   - counts: the estimate; what lies below 0 is cut.
    ///   - margin: how far the voxel may be from it, in counts.
    public mutating func bound(_ voxel: Int, near counts: Float, margin: Float) {
        lower[voxel] = max(0, counts - margin).squareRoot()
        upper[voxel] = max(0, counts + margin).squareRoot()
    }

    /// Whether both bounds of a voxel are one.
    public func isMeasured(_ voxel: Int) -> Bool { lower[voxel] == upper[voxel] }
}
