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

/// The plane that fits a phase best, (plane, row, column); on a lattice in voxels.
///
/// A linear phase moves the whole pattern and changes nothing else; it is taken away so that the Bragg peak stays
/// where it was asked for.
struct PhaseRamp {
    /// Radians per voxel, or per unit of the positions.
    private(set) var gradient = SIMD3<Double>.zero
    private var offset = 0.0

    /// - Parameters:
    ///   - phase: one value per voxel in radians.
    ///   - weights: one per voxel, those outside of `spans` count nothing.
    ///   - spans: for each row, the columns to look at.
    init(fittedTo phase: [Float], weights: [Float], spans: [Range<Int>], lattice: ObjectLattice) {
        self.init { body in
            for (line, columns) in spans.enumerated() {
                let position = SIMD3(Double(line / lattice.rows), Double(line % lattice.rows), 0)
                for column in columns {
                    let index = line &* lattice.columns &+ column
                    body(position + SIMD3(0, 0, Double(column)), Double(phase[index]), Double(weights[index]))
                }
            }
        }
    }

    /// - Parameter forEachPoint: runs what it is given on all points: their positions, phases in radians and weights.
    init(_ forEachPoint: ((SIMD3<Double>, Double, Double) -> Void) -> Void) {
        var (weight, mean) = (0.0, 0.0)
        var centre = SIMD3<Double>.zero
        forEachPoint { position, phase, share in
            weight += share
            mean += share * phase
            centre += share * position
        }
        guard weight > 0 else { return }
        centre /= weight
        mean /= weight

        // The normal equations about the centre: covariance · gradient = moment.
        var covariance = (SIMD3<Double>.zero, SIMD3<Double>.zero, SIMD3<Double>.zero)
        var moment = SIMD3<Double>.zero
        forEachPoint { position, phase, share in
            let arm = position - centre
            let weighted = arm * share
            covariance.0 += weighted * arm.x
            covariance.1 += weighted * arm.y
            covariance.2 += weighted * arm.z
            moment += weighted * phase
        }
        let cofactor = covariance.1.cross(covariance.2)
        let determinant = covariance.0.dot(cofactor)
        guard determinant > 0 else { return }
        gradient =
            SIMD3(
                moment.dot(cofactor),
                moment.dot(covariance.2.cross(covariance.0)),
                moment.dot(covariance.0.cross(covariance.1))) / determinant
        offset = mean - gradient.dot(centre)
    }

    func value(plane: Int, row: Int, column: Int) -> Double {
        value(at: SIMD3(Double(plane), Double(row), Double(column)))
    }

    func value(at position: SIMD3<Double>) -> Double { offset + gradient.dot(position) }
}
