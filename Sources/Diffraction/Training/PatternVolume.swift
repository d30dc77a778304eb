import Volume

/// A simulated pattern, noise-free, from which training patches are cut.
struct PatternVolume: Sendable {
    let family: CrystalFamily
    /// Pixels per fringe along (frame, row, column).
    let oversampling: SIMD3<Double>
    /// The brightest voxel has 1.
    let intensity: Volume<Float>
    /// The brightest voxel's index along each axis (frame, row, column).
    let peak: [Int]
    /// The sum of the indices of two voxels that mirror each other in the Bragg peak, along each axis.
    let mirrorSum: [Int]
}

extension PatternVolume {
    /// - Parameter index: which of the recipe's volumes this is.
    init(recipe: PatchRecipe, index: Int) {
        precondition(!recipe.families.isEmpty, "a recipe without crystals")
        var generator = SeededGenerator(seed: recipe.seed, stream: PatchRecipe.Stream.volume, UInt64(index))
        let family = recipe.families[generator.integer(in: 0...recipe.families.count - 1)]
        let parameters = ScanParameters(recipe: recipe, using: &generator)
        let upright = family.crystal(using: &generator).rotated(by: Rotation(using: &generator))
        let isOblique = generator.happens(0.5)
        let crystal = isOblique ? upright.sheared(slope: generator.uniform(in: -0.8...0.8)) : upright
        let frameBlur = generator.happens(0.5) ? generator.uniform(in: 0.04...0.16) * parameters.oversampling.x : 0

        let shape = recipe.volumeShape
        var intensities = Self.intensities(of: crystal.normalized, parameters, using: &generator)
        if frameBlur > 0 {
            // Whole frames take the place of rows.
            let stack = FrameShape(rows: shape.frames, columns: shape.frame.count)
            intensities = GaussianBlur(sigma: frameBlur).blurredAcrossRows(intensities, stack)
        }
        let brightest = intensities.indexOfMaximum
        let scale = 1 / max(intensities[brightest], .leastNormalMagnitude)
        for index in intensities.indices { intensities[index] *= scale }
        let (row, column) = (brightest / shape.columns, brightest % shape.columns)
        self.init(
            family: family, oversampling: parameters.oversampling,
            intensity: Volume(shape: shape, storage: intensities),
            peak: [row / shape.rows, row % shape.rows, column],
            mirrorSum: (0..<3).map { Int((2 * parameters.peak[$0]).rounded()) })
    }

    private static func intensities(
        of crystal: Crystal, _ parameters: ScanParameters, using generator: inout SeededGenerator
    ) -> [Float] {
        let window = PatternWindow(parameters, extents: crystal.extents, sampling: .coarse)
        let object = CrystalObject(
            crystal: crystal, on: window.lattice, imperfections: .init(parameters), using: &generator)
        let pattern = DiffractionPattern(of: object, window: window, parameters: parameters)
        var intensities: [Float] = []
        intensities.reserveCapacity(parameters.shape.count)
        for frame in 0..<parameters.shape.frames { intensities += pattern.intensity(frame: frame) }
        return intensities
    }
}

extension [Float] {
    /// The position of the largest element; 0 if there is none.
    fileprivate var indexOfMaximum: Int {
        withUnsafeBufferPointer { values in
            var best = 0
            for index in values.indices where values[index] > values[best] { best = index }
            return best
        }
    }
}
