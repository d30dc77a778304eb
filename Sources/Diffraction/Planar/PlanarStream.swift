internal import Foundation
internal import Fourier
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

/// The diffraction pattern of a two-dimensional particle, as it is expected and as it is counted.
///
/// The brightest pixel stands in the middle. Source: thesis, section 4.3.1.
public struct PlanarPattern: Sendable {
    /// Expected counts, (frame, row, column) of one frame.
    public let expected: Volume<Float>
    /// Photons counted where those are expected.
    public let counts: Volume<Float>
    /// Pixels per fringe along the longer edge of the particle's bounding box: image extent over object extent.
    public let oversampling: Double
    /// Expected counts in the brightest pixel.
    public let peakCounts: Double

    /// - Parameter shape: a square.
    init(
        of particle: PlanarParticle, shape: FrameShape, oversampling: Double, peakCounts: Double,
        using generator: inout SeededGenerator
    ) {
        precondition(shape.rows == shape.columns, "a pattern of \(shape)")
        let object = particle.sampled(pixelsAcross: Double(shape.columns) / oversampling)
        precondition(object.shape.columns <= shape.columns, "an oversampling of \(oversampling)")
        var grid = [ComplexFloat](repeating: ComplexFloat(0), count: shape.count)
        for row in 0..<object.shape.rows {
            let line = row * object.shape.columns..<(row + 1) * object.shape.columns
            grid.replaceSubrange(
                row * shape.columns..<row * shape.columns + line.count, with: object.densities[line])
        }
        let volume = VolumeShape(frames: 1, frame: shape)
        FourierTransform3D(shape: volume).forward(&grid)

        let intensity = grid.map(\.squaredModulus)
        let brightest = intensity.indices.max { intensity[$0] < intensity[$1] } ?? 0
        let scale = Float(peakCounts) / intensity[brightest]
        let rowShift = brightest / shape.columns + shape.rows - shape.rows / 2
        let columnShift = brightest % shape.columns + shape.columns - shape.columns / 2
        var expected = Volume<Float>(shape: volume, repeating: 0)
        for row in 0..<shape.rows {
            let source = (row + rowShift) % shape.rows * shape.columns
            for column in 0..<shape.columns {
                expected[0, row, column] = scale * intensity[source + (column + columnShift) % shape.columns]
            }
        }
        self.expected = expected
        counts = Volume(shape: volume, storage: generator.poisson(means: expected.storage))
        self.oversampling = oversampling
        self.peakCounts = peakCounts
    }
}
