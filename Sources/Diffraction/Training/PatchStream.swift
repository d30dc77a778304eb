public import Volume

/// An endless series of simulated training patches, each decided by the recipe and its index alone.
///
/// Any number of threads may ask for patches in about ascending order; one that comes more than 16 patterns late is
/// right but slow. Now and then a call has to simulate a new pattern, which takes as long as forty patches, while those
/// who need the same wait; call `prepare(upTo:)` to have it done ahead.
public final class PatchStream: Sendable {
    public let recipe: PatchRecipe
    private let pool: PatternPool

    /// - Precondition: the recipe has crystals and a pool.
    public init(recipe: PatchRecipe) {
        self.recipe = recipe
        pool = PatternPool(recipe: recipe)
    }

    /// Simulates, on all cores, the patterns from which the patch before `index` is cut, and so nearly all of those
    /// that the ones before it need.
    ///
    /// - Parameter index: at most 16 times `recipe.patchesPerVolume` ahead of the patches still asked for.
    public func prepare(upTo index: Int) {
        let volumes = pool.candidates(forPatch: max(0, index - 1))
        onAllCores(volumes.count) { _ = pool[volumes.lowerBound + $0] }
    }

    /// A patch with a gap of one kind.
    public func patch(_ index: Int, shape: VolumeShape, gaps: GapLayout.Class) -> TrainingPatch {
        var generator = SeededGenerator(seed: recipe.seed, stream: PatchRecipe.Stream.gap, UInt64(index))
        let gap = GapLayout.random(using: &generator, in: shape.frame, class: gaps)
        return patch(index, shape: shape, gap: gap)
    }

    /// A patch with a given gap.
    ///
    /// - Parameters:
    ///   - index: at least 0.
    ///   - shape: at most the recipe's `volumeShape`, rows and columns both ways.
    public func patch(_ index: Int, shape: VolumeShape, gap: GapLayout) -> TrainingPatch {
        var generator = SeededGenerator(seed: recipe.seed, stream: PatchRecipe.Stream.patch, UInt64(index))
        let candidates = pool.candidates(forPatch: index)
        let chosen = generator.integer(in: candidates.lowerBound...candidates.upperBound - 1)
        let volume = pool[chosen]
        let exposure = Exposure(of: volume, shape: shape, recipe: recipe, using: &generator)

        var expected = [Float](repeating: 0, count: shape.count)
        exposure.window.add(volume, scale: Float(exposure.peakCounts), to: &expected)
        if generator.happens(recipe.neighbourShare) {
            let neighbour = pool[generator.integer(in: candidates.lowerBound...candidates.upperBound - 1)]
            let window = PatchWindow(shape: shape, of: neighbour, nearPeak: false, using: &generator)
            let strength = generator.logUniform(in: recipe.neighbourStrength)
            window.add(neighbour, scale: Float(exposure.peakCounts * strength), to: &expected)
        }
        if recipe.streakShare > 0, generator.happens(recipe.streakShare) {
            Nuisances.addStreak(to: &expected, shape: shape, using: &generator)
        }
        if recipe.blurShare > 0, generator.happens(recipe.blurShare) {
            Nuisances.blur(&expected, shape: shape, using: &generator)
        }
        let nuisances = Nuisances(recipe: recipe, frames: shape.frames, using: &generator)
        nuisances.add(to: &expected, shape: shape)

        let mask = gap.mask(in: shape.frame)
        var counts = Volume(shape: shape, storage: generator.poisson(means: expected))
        if generator.happens(recipe.hotPixelShare) {
            Nuisances.addHotPixels(to: &counts, outside: mask, using: &generator)
        }
        let mirror = mirror(index, shape: shape, of: volume, exposure: exposure, background: nuisances.background)
        return TrainingPatch(
            expected: Volume(shape: shape, storage: expected), counts: counts, mirror: mirror, mask: mask,
            gapWidth: gap.width,
            oversampling: exposure.window.oversampling(of: volume), family: volume.family,
            peakCounts: exposure.peakCounts, background: nuisances.background)
    }

    /// What was measured at the Friedel mates, itself behind a gap at times.
    private func mirror(
        _ index: Int, shape: VolumeShape, of volume: PatternVolume, exposure: Exposure, background: Double
    ) -> Volume<Float>? {
        var generator = SeededGenerator(seed: recipe.seed, stream: PatchRecipe.Stream.mirror, UInt64(index))
        guard generator.happens(recipe.mirrorShare) else { return nil }
        var expected = exposure.window.mirrored(volume, scale: Float(exposure.peakCounts))
        if generator.happens(0.3) {
            let gap = GapLayout.random(using: &generator, in: shape.frame, class: .narrow).mask(in: shape.frame)
            for index in expected.indices where gap.storage[index % shape.frame.count] { expected[index] = .nan }
        }
        let counts = generator.poisson(means: expected.map { $0.isNaN ? 0 : $0 + Float(background) })
        return Volume(shape: shape, storage: zip(expected, counts).map { $0.isNaN ? .nan : $1 })
    }
}

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
