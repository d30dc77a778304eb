import Foundation
import Volume

/// A strained crystal as complex density ρ exp(iφ) on a lattice (plane, row, column).
struct CrystalObject: Sendable {
    /// What deviates from a perfect crystal; lengths in units of the crystal's size.
    struct Imperfections {
        /// Peak-to-valley range of the phase inside the crystal in radians.
        var strain: Double
        var strainLength: Double
        /// Standard deviation of the density inside, relative to its mean.
        var modulusNoise: Double
        var modulusNoiseLength: Double
        /// Which share of the phase comes from relaxed facets.
        var relaxation: Double
        var relaxationLength: Double
    }

    let lattice: ObjectLattice
    /// Real and imaginary part, apart so that loops over them vectorise.
    private(set) var real: [Float]
    private(set) var imaginary: [Float]
    /// For each row, the columns where the density does not vanish.
    let spans: [Range<Int>]
}

extension CrystalObject {
    /// - Parameter crystal: normalized; `lattice` must be its.
    init(
        crystal: Crystal, on lattice: ObjectLattice, imperfections: Imperfections,
        using generator: inout SeededGenerator
    ) {
        self.lattice = lattice
        let density = CrystalDensity(of: crystal, on: lattice)
        spans = (0..<lattice.planes * lattice.rows).map {
            density.span(plane: $0 / lattice.rows, row: $0 % lattice.rows)
        }
        real = [Float](repeating: 0, count: lattice.planes * lattice.rows * lattice.columns)
        imaginary = real

        forEachRow { real, _, plane, row, columns in
            density.write(to: real, plane: plane, row: row, columns: columns)
        }
        if imperfections.modulusNoise != 0 { roughen(imperfections, using: &generator) }
        if imperfections.strain != 0 { strain(imperfections, crystal: crystal, using: &generator) }
    }

    /// Runs `body` on every row that is not empty, on all cores, with pointers to its first column.
    ///
    /// No two calls share a row, so that the result does not depend on the number of threads.
    private mutating func forEachRow(
        _ body: (
            _ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>, _ plane: Int, _ row: Int,
            _ columns: Range<Int>
        ) -> Void
    ) {
        let (lattice, spans) = (lattice, spans)
        real.withUnsafeMutableBufferPointer { real in
            imaginary.withUnsafeMutableBufferPointer { imaginary in
                guard let realStart = real.baseAddress, let imaginaryStart = imaginary.baseAddress else { return }
                onAllCores(lattice.planes) { plane in
                    for row in 0..<lattice.rows {
                        let index = plane &* lattice.rows &+ row
                        let columns = spans[index]
                        if columns.isEmpty { continue }
                        let base = index &* lattice.columns
                        body(realStart + base, imaginaryStart + base, plane, row, columns)
                    }
                }
            }
        }
    }

    /// Gives the modulus the noise of an imperfect reconstruction or an inhomogeneous crystal.
    private mutating func roughen(_ imperfections: Imperfections, using generator: inout SeededGenerator) {
        let noise = RandomField(on: lattice, correlationLength: imperfections.modulusNoiseLength, using: &generator)
        let amplitude = Float(imperfections.modulusNoise)
        forEachRow { density, factor, plane, row, columns in
            for column in columns { factor[column] = 1 }
            noise.add(amplitude: amplitude, to: factor, plane: plane, row: row, columns: columns)
            for column in columns {
                density[column] *= max(0, factor[column])
                factor[column] = 0
            }
        }
    }

    /// Turns the density ρ into ρ exp(iφ), where φ is a smooth random field and relaxed facets, scaled as asked.
    private mutating func strain(
        _ imperfections: Imperfections, crystal: Crystal, using generator: inout SeededGenerator
    ) {
        let bulk = RandomField(on: lattice, correlationLength: imperfections.strainLength, using: &generator)
        let surface = SurfaceRelaxation(
            on: lattice, crystal: crystal, decayLength: imperfections.relaxationLength, bragg: generator.direction(),
            using: &generator)
        let share = Float(imperfections.relaxation)
        forEachRow { _, phase, plane, row, columns in
            bulk.add(amplitude: 1 - share, to: phase, plane: plane, row: row, columns: columns)
            surface.add(amplitude: share, to: phase, plane: plane, row: row, columns: columns)
        }
        let ramp = PhaseRamp(fittedTo: imaginary, weights: real, spans: spans, lattice: lattice)
        forEachRow { _, phase, plane, row, columns in
            let start = Float(ramp.value(plane: plane, row: row, column: 0))
            let slope = Float(ramp.gradient.z)
            for column in columns { phase[column] -= start + slope * Float(column) }
        }
        let scale = Float(imperfections.strain) / phaseRange
        forEachRow { real, imaginary, _, _, columns in
            for column in columns {
                let (modulus, phase) = (real[column], imaginary[column] * scale)
                real[column] = modulus * cos(phase)
                imaginary[column] = modulus * sin(phase)
            }
        }
    }

    /// Peak-to-valley range of the phase, which lies in `imaginary`, inside the crystal's surface.
    private var phaseRange: Float {
        var (lowest, highest) = (Float.infinity, -Float.infinity)
        for (density, phase) in zip(real, imaginary) where density > 0.5 {
            lowest = min(lowest, phase)
            highest = max(highest, phase)
        }
        return highest > lowest ? highest - lowest : 1
    }
}
