import Volume

/// Where a patch is cut from its volume, and how many photons the pattern gets.
///
/// Both are drawn anew until the patch has signal: at least a quarter of its voxels then expects a count of the
/// pattern. Few windows far from the peak are bright enough, so that bright patterns give most of these.
struct Exposure {
    var window: PatchWindow
    /// Expected counts in the volume's brightest voxel.
    var peakCounts: Double

    private static let mostTrials = 40

    init(
        of volume: PatternVolume, shape: VolumeShape, recipe: PatchRecipe, using generator: inout SeededGenerator
    ) {
        let isDim = generator.happens(recipe.dimShare)
        for _ in 0..<Self.mostTrials {
            let window = PatchWindow(shape: shape, of: volume, nearPeak: generator.happens(0.5), using: &generator)
            let peakCounts = generator.peakCounts(in: recipe.peakCounts)
            let quartile = Double(window.upperQuartile(of: volume)) * peakCounts
            if isDim ? (0.03..<1).contains(quartile) : quartile >= 1 {
                self.init(window: window, peakCounts: peakCounts)
                return
            }
        }
        // A crystal so large that its pattern is a point: as bright as it must be.
        let window = PatchWindow(shape: shape, of: volume, nearPeak: true, using: &generator)
        let quartile = Double(window.upperQuartile(of: volume))
        self.init(window: window, peakCounts: max(recipe.peakCounts.lowerBound, 1 / max(quartile, 1e-9)))
    }

    private init(window: PatchWindow, peakCounts: Double) {
        (self.window, self.peakCounts) = (window, peakCounts)
    }
}

extension SeededGenerator {
    /// Between the ends on a logarithmic scale, the middle likelier: the mean of two even deviates.
    fileprivate mutating func peakCounts(in range: ClosedRange<Double>) -> Double {
        (logUniform(in: range) * logUniform(in: range)).squareRoot()
    }
}
