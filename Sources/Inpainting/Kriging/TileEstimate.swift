public import Volume

/// What kriging says about every voxel of one tile, (frame, slow = row, fast = column), in log(1+I).
public struct TileEstimate: Sendable {
    /// Measured voxels as measured, masked ones as they are to be expected.
    public var mean: Volume<Float>
    /// Standard deviation of what would be measured; 0 where it was measured.
    public var deviation: Volume<Float>
    /// The local background, on which the fringes stand.
    public var background: Volume<Float>
    /// Share of the measured voxels that hold a count.
    public var signalShare: Double
}
