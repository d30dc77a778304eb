import Foundation
import Synchronization
import Volume

/// The volumes that patches are being cut from; each is made when it is first asked for, by whoever asks.
///
/// Blocks of successive patches draw from a window of volumes that moves on by one volume with each block. A volume
/// that has fallen behind is dropped; asked for again, it is made again, the same.
final class PatternPool: Sendable {
    /// A volume that is being made once and waited for by all others.
    private final class Slot: Sendable {
        let volume = Mutex<PatternVolume?>(nil)
    }

    private struct Window {
        var slots: [Int: Slot] = [:]
        var newest = -1
    }

    private let recipe: PatchRecipe
    private let window = Mutex(Window())

    /// How many volumes behind the newest window are kept, for patches that come late or threads that run ahead.
    static let patience = 16

    init(recipe: PatchRecipe) {
        precondition(recipe.poolSize >= 1 && recipe.patchesPerVolume >= 1, "an empty pool")
        self.recipe = recipe
    }

    /// The volumes among which a patch chooses.
    func candidates(forPatch index: Int) -> Range<Int> {
        let block = index / recipe.patchesPerVolume
        return block..<block + recipe.poolSize
    }

    subscript(index: Int) -> PatternVolume {
        let slot = window.withLock { window in
            if index > window.newest {
                window.newest = index
                let oldest = index - recipe.poolSize - Self.patience
                window.slots = window.slots.filter { $0.key >= oldest }
            }
            if let slot = window.slots[index] { return slot }
            let slot = Slot()
            window.slots[index] = slot
            return slot
        }
        return slot.volume.withLock { volume in
            if let volume { return volume }
            let made = PatternVolume(recipe: recipe, index: index)
            volume = made
            return made
        }
    }
}

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
