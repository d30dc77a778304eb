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
