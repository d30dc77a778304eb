import Foundation
import Volume

/// What measurements have besides the crystal's pattern and photon noise.
struct Nuisances {
    /// Expected counts per voxel from elsewhere.
    var background: Double
    /// What each frame's expectation is multiplied by.
    var doses: [Float]

    init(recipe: PatchRecipe, frames: Int, using generator: inout SeededGenerator) {
        background = Self.background(in: recipe.background, using: &generator)
        doses =
            generator.happens(recipe.driftShare)
            ? Self.drift(frames: frames, using: &generator) : [Float](repeating: 1, count: frames)
    }

    /// Mostly far below a count, down to a thousandth of the upper end.
    private static func background(in range: ClosedRange<Double>, using generator: inout SeededGenerator) -> Double {
        guard range.upperBound > 0, generator.happens(0.85) else { return range.lowerBound }
        return generator.logUniform(in: max(range.lowerBound, 1e-3 * range.upperBound)...range.upperBound)
    }

    /// A beam that wanders by up to 10 % and flickers by 1 or 2 % from frame to frame.
    private static func drift(frames: Int, using generator: inout SeededGenerator) -> [Float] {
        let wander = generator.uniform(in: 0...0.1)
        let flicker = generator.uniform(in: 0...0.02)
        let period = generator.uniform(in: 20...200)
        let phase = generator.uniform(in: 0...(2 * Double.pi))
        return (0..<frames).map { frame in
            let slow = wander * sin(2 * Double.pi * Double(frame) / period + phase)
            return Float(max(0, 1 + slow + flicker * generator.normal()))
        }
    }

    /// Turns the pattern's expectation into the measurement's.
    func add(to expected: inout [Float], shape: VolumeShape) {
        let background = Float(background)
        expected.withUnsafeMutableBufferPointer { expected in
            for (frame, dose) in doses.enumerated() {
                let start = frame &* shape.frame.count
                for index in start..<start &+ shape.frame.count {
                    expected[index] = (expected[index] + background) * dose
                }
            }
        }
    }

    /// Adds a straight streak through the brightest voxel, some pixels wide and fading away from there.
    static func addStreak(to expected: inout [Float], shape: VolumeShape, using generator: inout SeededGenerator) {
        guard let brightest = expected.indices.max(by: { expected[$0] < expected[$1] }) else { return }
        let (frame, pixel) = brightest.quotientAndRemainder(dividingBy: shape.frame.count)
        let centre = SIMD3(Float(frame), Float(pixel / shape.columns), Float(pixel % shape.columns))
        var direction = SIMD3(Float(generator.normal()), Float(generator.normal()), Float(generator.normal()))
        direction /= max((direction * direction).sum().squareRoot(), 1e-3)
        let width = Float(generator.uniform(in: 0.6...2))
        let strength = expected[brightest] * Float(generator.logUniform(in: 1e-3...0.1))
        let fade = Float(generator.uniform(in: 1...2.5))
        var index = 0
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let offset = SIMD3(Float(frame), Float(row), Float(column)) - centre
                    let along = (offset * direction).sum()
                    let across = (offset * offset).sum() - along * along
                    expected[index] += strength * exp(-across / (2 * width * width)) / pow(1 + abs(along), fade)
                    index += 1
                }
            }
        }
    }

    /// Blurs rows and columns by a Gaussian, as a beam does that is not wholly coherent.
    static func blur(_ expected: inout [Float], shape: VolumeShape, using generator: inout SeededGenerator) {
        let blur = GaussianBlur(sigma: generator.uniform(in: 0.3...1))
        for frame in 0..<shape.frames {
            let voxels = frame * shape.frame.count..<(frame + 1) * shape.frame.count
            expected.replaceSubrange(voxels, with: blur.applied(to: Array(expected[voxels]), shape.frame))
        }
    }

    /// Adds counts in 1 to 4 pixels outside of a gap: half of them in every frame, the others in one.
    static func addHotPixels(
        to counts: inout Volume<Float>, outside gap: PixelMask, using generator: inout SeededGenerator
    ) {
        for _ in 0..<generator.integer(in: 1...4) {
            let row = generator.integer(in: 0...counts.shape.rows - 1)
            let column = generator.integer(in: 0...counts.shape.columns - 1)
            let rate = generator.logUniform(in: 5...1e5)
            let hit = generator.integer(in: 0...counts.shape.frames - 1)
            let frames = generator.happens(0.5) ? 0..<counts.shape.frames : hit..<hit + 1
            if gap[row, column] { continue }
            for frame in frames { counts[frame, row, column] += Float(generator.poisson(mean: rate)) }
        }
    }
}

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
