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

    /// What was measured on the other side of the peak, itself behind a gap at times.
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
