internal import Fourier
public import Volume

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
