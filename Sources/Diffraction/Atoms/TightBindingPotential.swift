import Foundation

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
