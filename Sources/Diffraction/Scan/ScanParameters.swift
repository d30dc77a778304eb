public import Volume

/// What a simulated rocking scan looks like; axes in the order (frame, row, column).
///
/// The defaults describe a good measurement of a metal particle with a photon-counting detector.
public struct ScanParameters: Hashable, Sendable {
    /// How many photons the pattern has, the background not counted.
    public enum Brightness: Hashable, Sendable {
        /// Expected counts in the brightest voxel.
        case peak(Double)
        /// Expected counts in the whole volume.
        case total(Double)
    }

    public var shape: VolumeShape
    /// Fringe period in pixels along each axis: array extent over object extent. At least 1.5.
    public var oversampling: SIMD3<Double>
    public var brightness: Brightness
    public var seed: UInt64
    /// Where the Bragg peak lies, in voxels; fractions count. The middle by default.
    public var peak: SIMD3<Double>
    /// Expected counts per voxel that do not come from the crystal.
    public var background = 0.02

    /// Peak-to-valley range in radians of the phase Q·u inside the crystal; 0 for a perfect crystal.
    public var strain = 1.5
    /// Correlation length of the phase, in units of the crystal's size.
    public var strainLength = 0.35
    /// Share of the phase, 0 to 1, that comes from relaxed facets and not from the bulk.
    public var relaxation = 0.4
    /// Standard deviation of the electron density inside the crystal, relative to its mean.
    public var modulusNoise = 0.03
    /// Correlation length of that noise, in units of the crystal's size.
    public var modulusNoiseLength = 0.06
    /// Root mean square roughness of the facets, in units of the crystal's size: it lets the streaks die out.
    public var roughness = 0.004

    /// By how many rows the pattern moves with each frame: the shear of a rocking scan's sampling.
    public var rowsPerFrame = 0.0
    /// Standard deviation in pixels of a Gaussian that blurs each frame: partial coherence and the detector's spread.
    /// It lowers the visibility of the fringes to what measurements show.
    public var blur = 0.5

    public init(
        shape: VolumeShape, oversampling: SIMD3<Double>, brightness: Brightness = .peak(1e5), seed: UInt64 = 0
    ) {
        self.shape = shape
        self.oversampling = oversampling
        self.brightness = brightness
        self.seed = seed
        peak = SIMD3(Double(shape.frames / 2), Double(shape.rows / 2), Double(shape.columns / 2))
    }

    /// The same oversampling along all three axes.
    public init(shape: VolumeShape, oversampling: Double, brightness: Brightness = .peak(1e5), seed: UInt64 = 0) {
        self.init(shape: shape, oversampling: SIMD3(repeating: oversampling), brightness: brightness, seed: seed)
    }
}
