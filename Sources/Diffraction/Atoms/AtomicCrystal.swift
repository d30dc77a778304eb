import Foundation

/// A crystal as the atoms of a face-centred cubic metal, cut to a form; cubic axes (x, y, z), ångström.
public struct AtomicCrystal: Sendable {
    public let metal: Metal
    /// The half-spaces that it was cut by.
    public let form: Crystal
    /// Where the atoms of the perfect lattice sit.
    public let sites: [SIMD3<Double>]
    /// How far each atom has moved from its site.
    public internal(set) var displacements: [SIMD3<Double>]
    /// The atoms that a substrate holds in their places, by index.
    let held: [Int]

    /// The atoms inside of a form, of a lattice with a site at the origin.
    ///
    /// - Parameters:
    ///   - form: its facets' normals refer to the cubic axes.
    ///   - size: the longest edge of the form's bounding box in ångström.
    ///   - interface: the direction of the facet that lies on a substrate; the outermost layer of atoms there is held.
    public init(_ metal: Metal, form: Crystal, size: Double, interface: SIMD3<Double>? = nil) {
        self.metal = metal
        let scale = size / form.extents.max()
        let form = Crystal(form.facets.map { Crystal.Facet(normal: $0.normal, distance: $0.distance * scale) })
        self.form = form
        let half = metal.latticeConstant / 2
        let (lower, upper) = (form.bounds.lower / half, form.bounds.upper / half)
        func range(_ axis: Int) -> ClosedRange<Int> {
            Int(lower[axis].rounded(.up))...Int(upper[axis].rounded(.down))
        }
        var sites: [SIMD3<Double>] = []
        for x in range(0) {
            for y in range(1) {
                for z in range(2) where (x + y + z).isMultiple(of: 2) {
                    let site = half * SIMD3(Double(x), Double(y), Double(z))
                    if form.facets.allSatisfy({ $0.depth(of: site) >= 0 }) { sites.append(site) }
                }
            }
        }
        self.sites = sites
        displacements = [SIMD3<Double>](repeating: .zero, count: sites.count)
        guard let interface else {
            held = []
            return
        }
        let heights = sites.map { $0.dot(interface.normalized) }
        let top = heights.max() ?? 0
        held = heights.indices.filter { heights[$0] > top - 0.1 * half }
    }

    /// Where the atoms are.
    public var positions: [SIMD3<Double>] { zip(sites, displacements).map { $0 + $1 } }
}

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

/// The fast inertial relaxation engine: atoms fall, are steered towards the forces, and stop wherever they start to climb.
///
/// Source: Bitzek et al. 2006, Physical Review Letters 97, 170201, with its constants; semi-implicit steps as in Guénolé et
/// al. 2020, Computational Materials Science 175, 109584. Masses are 1, so that times are in Å/√eV.
struct InertialDescent: Sendable {
    private let longestStep: Double
    private var timeStep: Double
    private var velocities: [SIMD3<Double>]
    private var steering = 0.1
    private var stepsDownhill = 0

    /// - Parameter stiffness: the largest curvature of the energy in eV/Å², roughly.
    init(atoms: Int, stiffness: Double) {
        // Steps of 2 / √stiffness would make the stiffest vibration grow.
        longestStep = 1.3 / stiffness.squareRoot()
        timeStep = 0.3 * longestStep
        velocities = [SIMD3<Double>](repeating: .zero, count: atoms)
    }

    /// Moves the atoms by one step.
    ///
    /// - Parameter forces: on the atoms where they are, in eV/Å.
    mutating func move(_ positions: inout [SIMD3<Double>], by forces: [SIMD3<Double>]) {
        var (power, squaredForce, squaredSpeed) = (0.0, 0.0, 0.0)
        for (force, velocity) in zip(forces, velocities) {
            power += force.dot(velocity)
            squaredForce += force.dot(force)
            squaredSpeed += velocity.dot(velocity)
        }
        var (kept, steered) = (0.0, 0.0)
        if power >= 0 {
            (kept, steered) = (1 - steering, steering * (squaredSpeed / squaredForce).squareRoot())
            stepsDownhill += 1
            if stepsDownhill > 5 { (timeStep, steering) = (min(1.1 * timeStep, longestStep), 0.99 * steering) }
        } else {
            (timeStep, steering, stepsDownhill) = (0.5 * timeStep, 0.1, 0)
        }
        for atom in positions.indices {
            velocities[atom] = kept * velocities[atom] + (steered + timeStep) * forces[atom]
            positions[atom] += timeStep * velocities[atom]
        }
    }
}

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
