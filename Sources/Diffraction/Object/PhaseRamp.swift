/// The plane that fits a phase best, (plane, row, column) in voxels.
///
/// A linear phase moves the whole pattern and changes nothing else; it is taken away so that the Bragg peak stays
/// where it was asked for.
struct PhaseRamp {
    /// Radians per voxel.
    private(set) var gradient = SIMD3<Double>.zero
    private var offset = 0.0

    /// - Parameters:
    ///   - phase: one value per voxel in radians.
    ///   - weights: one per voxel, those outside of `spans` count nothing.
    ///   - spans: for each row, the columns to look at.
    init(fittedTo phase: [Float], weights: [Float], spans: [Range<Int>], lattice: ObjectLattice) {
        var (weight, mean) = (0.0, 0.0)
        var centre = SIMD3<Double>.zero
        Self.forEachVoxel(spans, lattice) { index, position in
            weight += Double(weights[index])
            mean += Double(weights[index] * phase[index])
            centre += Double(weights[index]) * position
        }
        guard weight > 0 else { return }
        centre /= weight
        mean /= weight

        // The normal equations about the centre: covariance · gradient = moment.
        var covariance = (SIMD3<Double>.zero, SIMD3<Double>.zero, SIMD3<Double>.zero)
        var moment = SIMD3<Double>.zero
        Self.forEachVoxel(spans, lattice) { index, position in
            let arm = position - centre
            let weighted = arm * Double(weights[index])
            covariance.0 += weighted * arm.x
            covariance.1 += weighted * arm.y
            covariance.2 += weighted * arm.z
            moment += weighted * Double(phase[index])
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
        offset + gradient.dot(SIMD3(Double(plane), Double(row), Double(column)))
    }

    private static func forEachVoxel(
        _ spans: [Range<Int>], _ lattice: ObjectLattice, _ body: (Int, SIMD3<Double>) -> Void
    ) {
        for (line, columns) in spans.enumerated() {
            let position = SIMD3(Double(line / lattice.rows), Double(line % lattice.rows), 0)
            for column in columns {
                body(line &* lattice.columns &+ column, position + SIMD3(0, 0, Double(column)))
            }
        }
    }
}
