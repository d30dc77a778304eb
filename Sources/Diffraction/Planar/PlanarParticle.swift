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

/// A convex polygon in the plane, its corners counter-clockwise; x runs along columns, y along rows.
struct ConvexPolygon: Sendable, Equatable {
    private(set) var corners: [SIMD2<Double>]

    /// The convex hull of points (Andrew 1979, Information Processing Letters 9, 216-219).
    ///
    /// - Precondition: at least three points, not all on one line.
    init(around points: [SIMD2<Double>]) {
        let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        corners = Self.chain(sorted) + Self.chain(sorted.reversed())
        precondition(corners.count >= 3, "\(points.count) points span no polygon")
    }

    /// The hull of 5 to 15 points anywhere in a square, its bounding box centred on 0 with a longest edge of 1.
    static func random(using generator: inout SeededGenerator) -> ConvexPolygon {
        let points = (0..<generator.integer(in: 5...15)).map { _ in
            SIMD2(generator.uniform(), generator.uniform())
        }
        var polygon = ConvexPolygon(around: points)
        let (least, greatest) = polygon.bounds
        let edges = greatest - least
        polygon.corners = polygon.corners.map { ($0 - (least + greatest) / 2) / max(edges.x, edges.y) }
        return polygon
    }

    /// The corners of the bounding box.
    var bounds: (least: SIMD2<Double>, greatest: SIMD2<Double>) {
        corners.reduce((corners[0], corners[0])) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
    }

    /// Whether a point lies inside or on the edge.
    func contains(_ point: SIMD2<Double>) -> Bool {
        zip(corners, corners.dropFirst() + corners.prefix(1)).allSatisfy { Self.turn($0, $1, point) >= 0 }
    }

    /// One side of the hull, without its last point, which begins the other.
    private static func chain(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
        var chain: [SIMD2<Double>] = []
        for point in points {
            while chain.count > 1, turn(chain[chain.count - 2], chain[chain.count - 1], point) <= 0 {
                chain.removeLast()
            }
            chain.append(point)
        }
        return chain.dropLast()
    }

    /// Above 0 where the way from `a` over `b` to `c` turns left.
    private static func turn(_ a: SIMD2<Double>, _ b: SIMD2<Double>, _ c: SIMD2<Double>) -> Double {
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    }
}
