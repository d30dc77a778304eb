import Foundation

/// A smooth random field on a lattice, of mean 0 and variance 1, whose values correlate as exp(-r²/2ℓ²).
///
/// It is a sum of plane waves with normally distributed wave vectors (Shinozuka and Deodatis 1991, Applied Mechanics
/// Reviews 44, 191-204). Hence it does not depend on the sampling, and a row needs one sine per wave only: the rest
/// comes from tables over the columns.
struct RandomField: Sendable {
    private struct Wave {
        var vector: SIMD3<Double>
        var phase: Double
    }

    private let lattice: ObjectLattice
    private let waves: [Wave]
    /// Real and imaginary part of exp(i k·x) along the columns, `lattice.columns` for each wave.
    private var cosines: [Float] = []
    private var sines: [Float] = []

    /// - Parameter correlationLength: ℓ, in units of the crystal's size.
    init(
        on lattice: ObjectLattice, correlationLength: Double, waves count: Int = 48,
        using generator: inout SeededGenerator
    ) {
        self.lattice = lattice
        waves = (0..<count).map { _ in
            let vector = generator.normalVector() / correlationLength
            return Wave(vector: vector, phase: generator.uniform(in: 0...(2 * Double.pi)))
        }
        for wave in waves {
            for column in 0..<lattice.columns {
                let angle = wave.vector.z * lattice.spacing.z * Double(column)
                cosines.append(Float(cos(angle)))
                sines.append(Float(sin(angle)))
            }
        }
    }

    /// The field at one position, which need not be the lattice's.
    func value(at position: SIMD3<Double>) -> Double {
        (2 / Double(waves.count)).squareRoot() * waves.reduce(0) { $0 + cos($1.vector.dot(position) + $1.phase) }
    }

    /// Adds the field, times `amplitude`, to a part of one row.
    func add(amplitude: Float, to line: UnsafeMutablePointer<Float>, plane: Int, row: Int, columns: Range<Int>) {
        let start = lattice.position(plane: plane, row: row, column: 0)
        let scale = Double(amplitude) * (2 / Double(waves.count)).squareRoot()
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                for (index, wave) in waves.enumerated() {
                    let angle = wave.vector.dot(start) + wave.phase
                    let (real, imaginary) = (Float(scale * cos(angle)), Float(scale * sin(angle)))
                    let base = index &* lattice.columns
                    for column in columns {
                        line[column] += real * cosines[base &+ column] - imaginary * sines[base &+ column]
                    }
                }
            }
        }
    }
}
