extension AtomicCrystal {
    /// How a relaxation went.
    public struct Relaxation: Sendable {
        /// The crystal's energy before and after in eV.
        public var energies: (before: Double, after: Double)
        /// The largest force that is left on an atom, in eV/Å.
        public var largestForce: Double
        /// How often the forces were computed.
        public var steps: Int
    }

    /// Moves the atoms to where the forces vanish; those that a substrate holds stay.
    ///
    /// - Parameters:
    ///   - tolerance: the force in eV/Å below which an atom rests. In a crystal of 8 nm, 1e-3 leaves atoms within 0.01 Å of
    ///     where they end, and 1e-4 within 0.0005 Å.
    ///   - mostSteps: after so many the atoms are left as they are.
    @discardableResult
    public mutating func relax(tolerance: Double = 3e-4, mostSteps: Int = 2000) -> Relaxation {
        let potential = metal.potential
        let compute = AtomicForces(potential)
        // Room for atoms to move before their neighbours are looked for again.
        let room = 0.08 * potential.bondLength
        var positions = positions
        var listed = positions
        var list = NeighbourList(positions, within: potential.cutoff + room)
        var descent = InertialDescent(atoms: positions.count, stiffness: potential.stiffness)
        var energyBefore: Double?
        var steps = 0
        while true {
            var (energies, forces) = compute(positions, list)
            for atom in held { forces[atom] = .zero }
            steps += 1
            let energy = energies.reduce(0, +)
            let largest = forces.reduce(0) { max($0, $1.length) }
            if largest <= tolerance || steps >= mostSteps {
                displacements = zip(positions, sites).map { $0 - $1 }
                return Relaxation(energies: (energyBefore ?? energy, energy), largestForce: largest, steps: steps)
            }
            energyBefore = energyBefore ?? energy
            descent.move(&positions, by: forces)
            if zip(positions, listed).contains(where: { ($0 - $1).length > 0.5 * room }) {
                listed = positions
                list = NeighbourList(positions, within: potential.cutoff + room)
            }
        }
    }
}
