import Foundation

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
