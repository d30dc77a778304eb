import Foundation
import Volume

extension ScanParameters {
    /// A random measurement for training, of unit brightness and without background.
    init(recipe: PatchRecipe, using generator: inout SeededGenerator) {
        let rows = generator.logUniform(in: recipe.oversampling)
        let aspect = generator.logUniform(in: 0.7...1.4)
        // The rocking step is chosen apart from the detector's distance, and often fine.
        let frames = generator.logUniform(in: recipe.oversampling) * generator.uniform(in: 1...1.25)
        let columns = min(max(rows * aspect, recipe.oversampling.lowerBound), recipe.oversampling.upperBound)
        self.init(shape: recipe.volumeShape, oversampling: SIMD3(frames, rows, columns))
        // Anywhere near the middle, so that patches as wide as the volume do not all have the peak in theirs.
        for (axis, extent) in shape.extents.enumerated() {
            peak[axis] += 0.1 * Double(extent) * generator.uniform(in: -1...1)
        }
        background = 0

        if generator.happens(0.85) {
            let share = generator.uniform()
            strain = recipe.strain.lowerBound + (recipe.strain.upperBound - recipe.strain.lowerBound) * share * share
        } else {
            strain = recipe.strain.lowerBound
        }
        strainLength = generator.logUniform(in: 0.12...0.8)
        relaxation = generator.uniform()
        modulusNoise = generator.happens(0.5) ? generator.logUniform(in: 0.01...0.5) : 0
        modulusNoiseLength = generator.logUniform(in: 0.02...0.15)
        roughness = generator.logUniform(in: 0.001...0.02)
        blur = generator.happens(0.8) ? generator.uniform(in: 0...0.16) * min(rows, columns) : 0
    }
}

extension SeededGenerator {
    /// True with the given probability.
    mutating func happens(_ probability: Double) -> Bool { uniform() < probability }

    /// A number whose logarithm is evenly distributed over the range.
    mutating func logUniform(in range: ClosedRange<Double>) -> Double {
        exp(uniform(in: log(range.lowerBound)...log(range.upperBound)))
    }

    /// A whole number evenly distributed over the range.
    mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(uniform() * Double(range.count))
    }
}
