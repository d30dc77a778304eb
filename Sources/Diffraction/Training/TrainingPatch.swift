public import Volume

/// A small part of a simulated scan with a gap in it, and the truth.
public struct TrainingPatch: Sendable {
    /// Expected counts (frame, row, column), with the background, a neighbour's pattern and the beam's drift.
    public var expected: Volume<Float>
    /// Photons counted where those are expected, whole numbers; outside of the gap hot pixels add theirs.
    ///
    /// The counts in the gap are there: they are what a filler is scored against.
    public var counts: Volume<Float>
    /// Photons counted at the mirror images of the voxels in the Bragg peak, not a number where nothing was measured;
    /// `nil` where the peak is not known.
    public var mirror: Volume<Float>?
    /// (row, column), true in the gap of every frame.
    public var mask: PixelMask
    /// The width in pixels of the gap's widest part.
    public var gapWidth: Int
    /// Pixels per fringe along (frame, row, column).
    public var oversampling: SIMD3<Double>
    /// `nil` where the pattern is not that of a crystal.
    public var family: CrystalFamily?
    /// Expected counts in the brightest voxel of the whole pattern.
    public var peakCounts: Double
    /// Expected counts per voxel that do not come from crystals.
    public var background: Double
}
