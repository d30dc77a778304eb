import Foundation

/// The density of a convex crystal on a lattice: 1 inside, 0 outside, its surface blurred by a Gaussian.
///
/// Each half-space contributes the factor ½ erfc(-depth/√2σ), which is exact for a lone facet and for edges between
/// facets along the lattice's axes, and close to it where facets meet obliquely.
struct CrystalDensity: Sendable {
    /// A facet in voxels: depth = offset - normal · (plane, row, column).
    private struct Plane {
        var normal: SIMD3<Double>
        var offset: Double
    }

    private let planes: [Plane]
    private let columns: Int
    private let blur: Double
    private let margin: Double

    init(of crystal: Crystal, on lattice: ObjectLattice) {
        let origin = lattice.position(plane: 0, row: 0, column: 0)
        planes = crystal.facets.map { facet in
            let gradient = facet.normal * lattice.spacing
            return Plane(normal: gradient / gradient.length, offset: facet.depth(of: origin) / gradient.length)
        }
        (columns, blur, margin) = (lattice.columns, lattice.blur, lattice.margin)
    }

    /// The columns of one row where the density does not vanish.
    func span(plane: Int, row: Int) -> Range<Int> {
        var (lower, upper) = (0.0, Double(columns - 1))
        for facet in planes {
            // The columns where depth >= -margin.
            let room = depth(facet, plane, row, 0) + margin
            let slope = facet.normal.z
            if slope > 1e-9 {
                upper = min(upper, room / slope)
            } else if slope < -1e-9 {
                lower = max(lower, room / slope)
            } else if room < 0 {
                return 0..<0
            }
        }
        let (first, last) = (Int(lower.rounded(.up)), Int(upper.rounded(.down)))
        return first <= last ? first..<last + 1 : 0..<0
    }

    /// Writes the density of a part of one row.
    func write(to line: UnsafeMutablePointer<Float>, plane: Int, row: Int, columns: Range<Int>) {
        guard let first = columns.first, let last = columns.last else { return }
        for column in columns { line[column] = 1 }
        for facet in planes {
            let start = depth(facet, plane, row, 0)
            let shallowest = min(start - facet.normal.z * Double(first), start - facet.normal.z * Double(last))
            guard shallowest < margin else { continue }
            let scale = 1 / (blur * 2.0.squareRoot())
            for column in columns {
                let depth = start - facet.normal.z * Double(column)
                if depth < margin { line[column] *= Float(0.5 * erfc(-depth * scale)) }
            }
        }
    }

    private func depth(_ facet: Plane, _ plane: Int, _ row: Int, _ column: Int) -> Double {
        facet.offset - facet.normal.dot(SIMD3(Double(plane), Double(row), Double(column)))
    }
}

/// The voxels, (plane, row, column), on which a crystal is sampled, centred on its bounding box.
///
/// They are conjugate to the scan: `voxelsAcross` of them span the crystal along each axis, and the lattice is a few
/// voxels wider. Positions are in units of the longest edge of the crystal's bounding box.
struct ObjectLattice: Sendable {
    let planes: Int
    let rows: Int
    let columns: Int
    /// The edges of one voxel.
    let spacing: SIMD3<Double>
    /// Standard deviation in voxels of the Gaussian that blurs the density, so that its sampling does not alias. The
    /// pattern is divided by the Gaussian's transform.
    let blur: Double
    /// How many voxels outside of a facet or away from an atom the blurred density ends: 4 standard deviations.
    var margin: Double { 4 * blur }

    /// - Parameters:
    ///   - extents: those of the crystal's bounding box.
    ///   - voxelsAcross: how many voxels span each of them; need not be whole.
    ///   - blur: half a voxel suffices for the surface of a body.
    init(extents: SIMD3<Double>, voxelsAcross: SIMD3<Double>, blur: Double = 0.5) {
        spacing = extents / voxelsAcross
        self.blur = blur
        let counts = (voxelsAcross + 8 * blur).rounded(.up)
        (planes, rows, columns) = (Int(counts.x), Int(counts.y), Int(counts.z))
    }

    /// One plane through an object in a square of edge 1, across which `pixels` pixels lie.
    init(squareOfPixels pixels: Double, blur: Double) {
        spacing = SIMD3(repeating: 1 / pixels)
        self.blur = blur
        planes = 1
        rows = Int((pixels + 8 * blur).rounded(.up))
        columns = rows
    }

    /// The position of a voxel's centre.
    func position(plane: Int, row: Int, column: Int) -> SIMD3<Double> {
        let index = SIMD3(Double(plane), Double(row), Double(column))
        return (index - centre) * spacing
    }

    /// Where a position lies, (plane, row, column) in voxels.
    func index(of position: SIMD3<Double>) -> SIMD3<Double> { position / spacing + centre }

    private var centre: SIMD3<Double> { SIMD3(Double(planes - 1), Double(rows - 1), Double(columns - 1)) / 2 }
}

/// The phase of a crystal whose surface layers relax: each facet moves along its normal, and the displacement dies
/// out exponentially below it; on a lattice.
///
/// Of the displacement u a Bragg peak sees Q·u only, so that facets along Q count and those beside it do not.
struct SurfaceRelaxation: Sendable {
    private struct Layer {
        var facet: Crystal.Facet
        /// The phase at the facet itself.
        var amplitude: Double
    }

    private let lattice: ObjectLattice
    private let decayLength: Double
    private let layers: [Layer]
    /// exp(x/λ) along the columns, `lattice.columns` for each layer.
    private var tables: [Float] = []

    /// - Parameters:
    ///   - decayLength: λ, in units of the crystal's size.
    ///   - bragg: the direction of the Bragg vector Q.
    init(
        on lattice: ObjectLattice, crystal: Crystal, decayLength: Double, bragg: SIMD3<Double>,
        using generator: inout SeededGenerator
    ) {
        self.lattice = lattice
        self.decayLength = decayLength
        layers = crystal.facets.map { facet in
            // Close-packed facets mostly relax inwards, by amounts that differ from facet to facet.
            Layer(facet: facet, amplitude: -facet.normal.dot(bragg) * generator.uniform(in: 0.2...1))
        }
        for layer in layers {
            let rate = layer.facet.normal.z * lattice.spacing.z / decayLength
            for column in 0..<lattice.columns { tables.append(Float(exp(rate * Double(column)))) }
        }
    }

    /// Adds the phase, times `amplitude`, to a part of one row.
    func add(amplitude: Float, to line: UnsafeMutablePointer<Float>, plane: Int, row: Int, columns: Range<Int>) {
        let start = lattice.position(plane: plane, row: row, column: 0)
        tables.withUnsafeBufferPointer { tables in
            for (index, layer) in layers.enumerated() {
                let surface = exp(-layer.facet.depth(of: start) / decayLength)
                let factor = amplitude * Float(layer.amplitude * surface)
                let base = index &* lattice.columns
                for column in columns { line[column] += factor * tables[base &+ column] }
            }
        }
    }
}
