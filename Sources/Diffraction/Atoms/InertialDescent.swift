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
