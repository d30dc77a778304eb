public import Volume

/// From what distribution training patches are drawn.
///
/// The defaults span what coherent diffraction beamlines measure; ranges given here are the ends of distributions
/// whose middle is likelier.
public struct PatchRecipe: Hashable, Sendable {
    /// Decides every patch, with its index.
    public var seed: UInt64
    /// The kinds of crystals drawn, evenly; leave one out to test on it.
    public var families = CrystalFamily.allCases
    /// Pixels per fringe along rows and columns. Frames may be up to a quarter finer.
    public var oversampling: ClosedRange<Double> = 2...8
    /// Peak-to-valley range of the phase in radians.
    public var strain: ClosedRange<Double> = 0...(4 * Double.pi)
    /// Expected counts in the brightest voxel of the pattern, which may lie outside of the patch.
    public var peakCounts: ClosedRange<Double> = 1e3...1e8
    /// Expected counts per voxel that do not come from the crystal.
    public var background: ClosedRange<Double> = 0...4

    /// Share of patches in which less than a quarter of the voxels expects a count.
    public var dimShare = 0.1
    /// Share of patches with a part of another crystal's weaker pattern.
    public var neighbourShare = 0.15
    /// How strong that pattern is beside the crystal's own.
    public var neighbourStrength: ClosedRange<Double> = 1e-4...0.1
    /// Share of patches that a partly coherent beam blurs, by up to a pixel.
    public var blurShare = 0.0
    /// Share of patches with a streak, as facets and truncation rods make them.
    public var streakShare = 0.0
    /// Share of patches with a few hot pixels.
    public var hotPixelShare = 0.2
    /// Share of patches whose frames got different doses.
    public var driftShare = 0.5

    /// Share of patches that come with their mirror image in the Bragg peak.
    public var mirrorShare = 0.5

    /// How many patches are cut from each simulated pattern, each with photons, brightness and orientation of its own.
    public var patchesPerVolume = 32
    /// How many patterns successive patches are cut from.
    public var poolSize = 64
    /// The extents of these patterns: patches must fit in, also with rows and columns exchanged. 6 MB by default.
    public var volumeShape = VolumeShape(frames: 96, rows: 128, columns: 128)

    public init(seed: UInt64) { self.seed = seed }

    /// More of what measured scans have and clean simulations lack: dim parts, other crystals as bright as the one that
    /// is measured, partial coherence and streaks.
    public mutating func varyMore() {
        dimShare = 0.2
        neighbourShare = 0.3
        neighbourStrength = 1e-4...1
        blurShare = 0.25
        streakShare = 0.15
    }

    /// Independent random streams below the seed.
    enum Stream {
        static let volume: UInt64 = 1
        static let patch: UInt64 = 2
        static let gap: UInt64 = 3
        static let mirror: UInt64 = 4
    }
}
