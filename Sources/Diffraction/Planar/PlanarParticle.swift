internal import Fourier
internal import Volume

/// A two-dimensional particle: a random convex polygon of even density, its edge smoothed, with noise on its modulus and a
/// smooth random phase.
///
/// It is known apart from any sampling, but for the noise, which is one of each pixel. Source: thesis, section 4.3.1.
struct PlanarParticle: Sendable {
    private let outline: ConvexPolygon
    /// Standard deviation of the Gaussian that smooths the edge, in units of the particle's size.
    private let edgeBlur: Double
    /// Standard deviation of the modulus, relative to it.
    private let modulusNoise: Double
    /// Peak-to-valley range of the phase, in radians.
    private let phaseRange: Double
    /// Correlation length of the phase, in units of the particle's size.
    private let phaseLength: Double
    /// Where noise and phase begin.
    private let generator: SeededGenerator

    /// The least blur in pixels with which the sampling does not alias.
    private static let leastBlur = 0.5

    init(using generator: inout SeededGenerator) {
        outline = .random(using: &generator)
        edgeBlur = generator.uniform(in: 0.008...0.02)
        modulusNoise = generator.uniform(in: 0...0.1)
        phaseRange = generator.uniform(in: 0...(2 * Double.pi))
        phaseLength = generator.logUniform(in: 0.1...0.6)
        self.generator = SeededGenerator(seed: generator.next())
    }

    /// The complex densities in row-major order on a square of pixels, `pixelsAcross` of which span the particle.
    func sampled(pixelsAcross: Double) -> (shape: FrameShape, densities: [ComplexFloat]) {
        let blur = max(Self.leastBlur, edgeBlur * pixelsAcross)
        let lattice = ObjectLattice(squareOfPixels: pixelsAcross, blur: blur)
        let shape = FrameShape(rows: lattice.rows, columns: lattice.columns)
        var density = [Float](repeating: 0, count: shape.count)
        for row in 0..<shape.rows {
            for column in 0..<shape.columns {
                let position = lattice.position(plane: 0, row: row, column: column)
                if outline.contains(SIMD2(position.z, position.y)) { density[row * shape.columns + column] = 1 }
            }
        }
        var generator = generator
        let phase = phase(on: lattice, inside: density, using: &generator)
        density = GaussianBlur(sigma: blur).applied(to: density, shape)
        let densities = density.indices.map { pixel in
            let modulus = Double(density[pixel]) * (1 + modulusNoise * generator.normal())
            return ComplexFloat(turns: Double(phase[pixel]) / (2 * Double.pi)) * Float(modulus)
        }
        return (shape, densities)
    }

    /// The phase in radians, which has its range inside of the particle.
    private func phase(
        on lattice: ObjectLattice, inside density: [Float], using generator: inout SeededGenerator
    ) -> [Float] {
        let field = RandomField(on: lattice, correlationLength: phaseLength, using: &generator)
        var phase = [Float](repeating: 0, count: density.count)
        phase.withUnsafeMutableBufferPointer { phase in
            for row in 0..<lattice.rows {
                guard let line = phase.baseAddress.map({ $0 + row * lattice.columns }) else { continue }
                field.add(amplitude: 1, to: line, plane: 0, row: row, columns: 0..<lattice.columns)
            }
        }
        let within = phase.indices.filter { density[$0] > 0 }.map { phase[$0] }
        guard let least = within.min(), let greatest = within.max(), greatest > least else { return phase }
        return phase.map { ($0 - least) * Float(phaseRange) / (greatest - least) }
    }
}
