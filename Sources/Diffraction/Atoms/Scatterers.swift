import Foundation

/// Atoms as a Bragg peak sees them: (frame, row, column), in units of the longest edge of the crystal's bounding box.
struct Scatterers: Sendable {
    /// Where the atoms are, from the middle of the box.
    let positions: [SIMD3<Double>]
    /// The phase of each atom at the peak, in radians: that of its displacement along the Bragg vector.
    private(set) var phases: [Double]

    /// - Parameters:
    ///   - reflection: the Miller indices of the Bragg peak.
    ///   - crystal: the atoms' form, turned.
    init(_ atoms: AtomicCrystal, reflection: SIMD3<Double>, orientation: Rotation, crystal: Crystal) {
        let centre = (crystal.bounds.lower + crystal.bounds.upper) / 2
        let size = crystal.extents.max()
        positions = atoms.positions.map { (orientation($0) - centre) / size }
        // The sites themselves are whole numbers of waves apart.
        let bragg = reflection * (-2 * Double.pi / atoms.metal.latticeConstant)
        phases = atoms.displacements.map { bragg.dot($0) }
        flatten()
    }

    /// The atoms of a lattice that is distorted, too.
    ///
    /// - Parameter range: peak-to-valley range of the distortion's phase in radians.
    func strained(by field: RandomField, range: Double) -> Scatterers {
        guard range != 0 else { return self }
        var strained = self
        strained.phases = positions.map(field.value)
        strained.flatten()
        let (lowest, highest) = (strained.phases.min() ?? 0, strained.phases.max() ?? 0)
        let scale = highest > lowest ? range / (highest - lowest) : 0
        strained.phases = zip(phases, strained.phases).map { $0 + scale * $1 }
        return strained
    }

    /// Takes the linear part of the phases away, which only moves the peak.
    private mutating func flatten() {
        let (positions, original) = (positions, phases)
        let ramp = PhaseRamp { body in
            for (position, phase) in zip(positions, original) { body(position, phase, 1) }
        }
        phases = zip(positions, original).map { $1 - ramp.value(at: $0) }
    }
}
