import Foundation
import Volume

/// Of what atoms a simulated crystal is made.
public struct AtomicModel: Hashable, Sendable {
    public var metal: Metal
    /// The longest edge of the bounding box of the crystal's form along its cubic axes, in nanometres; nil lets the scan
    /// decide.
    public var size: Double?
    /// The Miller indices of the Bragg peak.
    public var reflection: SIMD3<Double>

    public init(_ metal: Metal, size: Double? = nil, reflection: SIMD3<Double> = SIMD3(1, 1, 1)) {
        (self.metal, self.size, self.reflection) = (metal, size, reflection)
    }

    /// A crystal of this model, its atoms at rest.
    ///
    /// - Parameters:
    ///   - orientation: of the cubic axes to (frame, row, column).
    ///   - interface: the direction of the facet that a substrate holds.
    func relaxedCrystal(
        _ form: Crystal, orientation: Rotation, interface: SIMD3<Double>?, for parameters: ScanParameters
    ) -> AtomicCrystal {
        let size = 10 * (size ?? fittingSize(form, orientation: orientation, for: parameters))
        var crystal = AtomicCrystal(metal, form: form, size: size, interface: interface)
        crystal.relax()
        return crystal
    }

    /// The size in nanometres at which the array reaches 0.6 of the way to the next Bragg peaks; at least 8, so that
    /// there is more than surface, and at most 30, which is about a million atoms.
    private func fittingSize(_ form: Crystal, orientation: Rotation, for parameters: ScanParameters) -> Double {
        let shape = parameters.shape
        let ends = SIMD3(Double(shape.frames - 1), Double(shape.rows - 1), Double(shape.columns - 1))
        let reach = pointwiseMax(parameters.peak, ends - parameters.peak)
        let extents = form.rotated(by: orientation).extents / form.extents.max()
        // The lattice is body-centred in reciprocal space: the nearest peaks are √3 / a away.
        let nearest = 3.0.squareRoot() / (0.1 * metal.latticeConstant)
        return min(max((reach / (parameters.oversampling * extents)).max() / (0.6 * nearest), 8), 30)
    }
}

/// The face-centred cubic metals of which atomistic crystals can be made.
public enum Metal: String, CaseIterable, Codable, Sendable {
    case aluminium = "Al"
    case copper = "Cu"
    case gold = "Au"
    case iridium = "Ir"
    case nickel = "Ni"
    case palladium = "Pd"
    case platinum = "Pt"
    case rhodium = "Rh"
    case silver = "Ag"

    /// The edge of the cubic cell in ångström, at which the potential below has its minimum.
    ///
    /// Source: Cleri and Rosato 1993, table I.
    public var latticeConstant: Double {
        switch self {
        case .aluminium: 4.050
        case .copper: 3.615
        case .gold: 4.079
        case .iridium: 3.839
        case .nickel: 3.523
        case .palladium: 3.887
        case .platinum: 3.924
        case .rhodium: 3.803
        case .silver: 4.085
        }
    }

    /// How the atoms hold together.
    ///
    /// Source: Cleri and Rosato 1993, Physical Review B 48, 22-33, table II; fitted to cohesive energy, lattice constant
    /// and elastic constants with neighbours up to the fifth shell. Close-packed surfaces contract, those of platinum and
    /// gold by 3 to 5 % of the outermost spacing; those of nickel, whose bonds reach far, expand by 1 to 2 %.
    var potential: TightBindingPotential {
        let (repulsion, hopping, p, q) =
            switch self {
            case .aluminium: (0.1221, 1.316, 8.612, 2.516)
            case .copper: (0.0855, 1.224, 10.960, 2.278)
            case .gold: (0.2061, 1.790, 10.229, 4.036)
            case .iridium: (0.1156, 2.289, 16.980, 2.691)
            case .nickel: (0.0376, 1.070, 16.999, 1.189)
            case .palladium: (0.1746, 1.718, 10.867, 3.742)
            case .platinum: (0.2975, 2.695, 10.612, 4.004)
            case .rhodium: (0.0629, 1.660, 18.450, 1.867)
            case .silver: (0.1028, 1.178, 10.928, 3.139)
            }
        return TightBindingPotential(
            bondLength: latticeConstant / 2.0.squareRoot(), repulsion: repulsion, hopping: hopping, p: p, q: q)
    }
}

/// The second-moment approximation of tight binding, also called Gupta's potential; ångström and electronvolt.
///
/// An atom's energy is Σ A exp(-p(r/r₀ - 1)) - √(Σ ξ² exp(-2q(r/r₀ - 1))), summed over its neighbours: the root makes
/// bonds stronger where there are fewer of them, so that surfaces contract, as they do with no pair potential (Gupta
/// 1981, Physical Review B 23, 6265-6270).
///
/// Source: Cleri and Rosato 1993, Physical Review B 48, 22-33. Beyond the fifth shell both exponentials go over into
/// polynomials that end at the sixth (Baletto et al. 2002, Journal of Chemical Physics 116, 3856-3863).
struct TightBindingPotential: Sendable {
    /// r₀: the distance of nearest neighbours in the bulk.
    let bondLength: Double
    /// Where there are no neighbours any more.
    let cutoff: Double
    /// The largest curvature of the energy in eV/Å², roughly: in a crystal of springs between nearest neighbours it is
    /// eight times a spring's, of which the attraction takes about half away.
    let stiffness: Double
    private let repulsionBranch: Branch
    private let hoppingBranch: Branch

    /// - Parameters:
    ///   - repulsion: A in eV.
    ///   - hopping: ξ in eV.
    init(bondLength: Double, repulsion: Double, hopping: Double, p: Double, q: Double) {
        self.bondLength = bondLength
        cutoff = 6.0.squareRoot() * bondLength
        stiffness = 8 * repulsion * p * p / (bondLength * bondLength)
        // The fifth shell lies at √5 r₀ = 2.236 r₀ and stays untouched while bonds are stretched by up to 2 %.
        let start = 2.28 * bondLength
        repulsionBranch = Branch(height: repulsion, rate: p / bondLength, from: bondLength, start: start, end: cutoff)
        hoppingBranch = Branch(height: hopping, rate: q / bondLength, from: bondLength, start: start, end: cutoff)
    }

    /// What one neighbour adds: to the repulsion, and to the sum under the root; and their derivatives by its distance.
    func pair(distance: Double) -> (terms: SIMD2<Double>, slopes: SIMD2<Double>) {
        let (repulsion, hopping) = (repulsionBranch(distance), hoppingBranch(distance))
        return (
            SIMD2(repulsion.value, hopping.value * hopping.value),
            SIMD2(repulsion.slope, 2 * hopping.value * hopping.slope)
        )
    }

    /// height · exp(-rate · (r - from)) as far as `start`, then a polynomial that ends with value, slope and curvature 0.
    private struct Branch: Sendable {
        private let height: Double
        private let rate: Double
        private let origin: Double
        private let start: Double
        private let end: Double
        /// The coefficients of (r - end)³, (r - end)⁴ and (r - end)⁵.
        private let tail: SIMD3<Double>

        init(height: Double, rate: Double, from origin: Double, start: Double, end: Double) {
            (self.height, self.rate, self.origin, self.start, self.end) = (height, rate, origin, start, end)
            let width = start - end
            let value = height * exp(-rate * (start - origin))
            let scaled = value / (width * width * width) * SIMD3(1, -rate * width, rate * rate * width * width)
            let fifth = (scaled.z - 6 * scaled.y + 12 * scaled.x) / 2
            let fourth = scaled.y - 3 * scaled.x - 2 * fifth
            tail = SIMD3(scaled.x - fourth - fifth, fourth / width, fifth / (width * width))
        }

        func callAsFunction(_ distance: Double) -> (value: Double, slope: Double) {
            if distance < start {
                let value = height * exp(-rate * (distance - origin))
                return (value, -rate * value)
            }
            let x = min(distance - end, 0)
            return (
                x * x * x * (tail.x + x * (tail.y + x * tail.z)),
                x * x * (3 * tail.x + x * (4 * tail.y + x * 5 * tail.z))
            )
        }
    }
}
