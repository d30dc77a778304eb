internal import Foundation
public import Volume

/// An endless series of two-dimensional patterns, each decided by the seed and its index alone.
///
/// Source: thesis, section 4.3.1; its ranges are not stated there but for the oversampling (section 4.3.3).
public struct PlanarStream: Sendable {
    public let seed: UInt64

    /// Pixels per fringe.
    public static let oversampling = 2.0...6.0
    /// Expected counts in the brightest pixel.
    public static let peakCounts = 1e4...1e7

    /// Independent random streams below the seed.
    private enum Stream {
        static let particle: UInt64 = 1
        static let photons: UInt64 = 2
        static let gap: UInt64 = 3
    }

    public init(seed: UInt64) { self.seed = seed }

    /// A pattern of a particle of its own.
    ///
    /// - Parameters:
    ///   - shape: a square.
    ///   - oversampling: pixels per fringe instead of random ones: the same particle with as many photons in all.
    public func pattern(_ index: Int, shape: FrameShape, oversampling: Double? = nil) -> PlanarPattern {
        var generator = SeededGenerator(seed: seed, stream: Stream.particle, UInt64(index))
        let particle = PlanarParticle(using: &generator)
        let drawn = generator.uniform(in: Self.oversampling)
        let peakCounts = generator.logUniform(in: Self.peakCounts)
        let used = oversampling ?? drawn
        var photons = SeededGenerator(seed: seed, stream: Stream.photons, UInt64(index))
        return PlanarPattern(
            of: particle, shape: shape, oversampling: used, peakCounts: peakCounts * (drawn * drawn) / (used * used),
            using: &photons)
    }

    /// A pattern of one frame with a gap of one kind.
    public func patch(_ index: Int, shape: VolumeShape, gaps: GapLayout.Class) -> TrainingPatch {
        var generator = SeededGenerator(seed: seed, stream: Stream.gap, UInt64(index))
        return patch(index, shape: shape, gap: .random(using: &generator, in: shape.frame, class: gaps))
    }

    /// A pattern of one frame with a given gap.
    public func patch(_ index: Int, shape: VolumeShape, gap: GapLayout) -> TrainingPatch {
        precondition(shape.frames == 1, "a pattern of \(shape)")
        let pattern = pattern(index, shape: shape.frame)
        return TrainingPatch(
            expected: pattern.expected, counts: pattern.counts, mirror: nil, mask: gap.mask(in: shape.frame),
            gapWidth: gap.width, oversampling: SIMD3(1, pattern.oversampling, pattern.oversampling), family: nil,
            peakCounts: pattern.peakCounts, background: 0)
    }
}
