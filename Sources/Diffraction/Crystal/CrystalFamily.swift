/// The kinds of crystals that can be simulated.
public enum CrystalFamily: String, CaseIterable, Codable, Sendable {
    /// The equilibrium form of a face-centred cubic metal that touches nothing.
    case wulff
    /// The equilibrium form of such a metal on a substrate: cut by the interface, which is a {111} plane.
    case winterbottom
    case cube
    case octahedron
    /// A body cut by 8 to 20 planes in random directions.
    case random

    /// A crystal of this family, its axes along (frame, row, column).
    ///
    /// Cube and octahedron are perfect. In the others, energies, interface and facets vary with the generator.
    public func crystal(using generator: inout SeededGenerator) -> Crystal {
        switch self {
        case .wulff: Crystal(Self.equilibriumFacets(using: &generator))
        case .winterbottom: Self.winterbottomCrystal(using: &generator)
        case .cube: Crystal(Self.family(1, 0, 0, distance: 1))
        case .octahedron: Crystal(Self.family(1, 1, 1, distance: 1))
        case .random: Self.randomCrystal(using: &generator)
        }
    }

    /// The direction of the facet that lies on a substrate, where there is one.
    var interface: SIMD3<Double>? { self == .winterbottom ? Self.interfaceNormal : nil }

    private static let interfaceNormal = SIMD3<Double>(repeating: -1).normalized

    /// The facets {hkl}: all permutations and signs of the three indices.
    private static func family(_ h: Double, _ k: Double, _ l: Double, distance: Double) -> [Crystal.Facet] {
        var normals: [SIMD3<Double>] = []
        let permutations = [(h, k, l), (h, l, k), (k, h, l), (k, l, h), (l, h, k), (l, k, h)]
        for (x, y, z) in permutations {
            for signs in 0..<8 {
                let normal = SIMD3(signs & 1 == 0 ? x : -x, signs & 2 == 0 ? y : -y, signs & 4 == 0 ? z : -z)
                if !normals.contains(normal) { normals.append(normal) }
            }
        }
        return normals.map { Crystal.Facet(normal: $0, distance: distance) }
    }

    /// Facets as far from the centre as their surface energies ask (Wulff's theorem), in units of γ(111).
    ///
    /// The ratios span those calculated for Ni, Pd, Pt, Au (Vitos et al. 1998, Surface Science 411, 186-202):
    /// γ(100)/γ(111) = 1.06-1.19, γ(110)/γ(111) = 1.17-1.33. Since grown crystals are never quite in equilibrium,
    /// each facet is then moved by about 4 %.
    private static func equilibriumFacets(using generator: inout SeededGenerator) -> [Crystal.Facet] {
        let facets =
            family(1, 1, 1, distance: 1)
            + family(1, 0, 0, distance: generator.uniform(in: 1.06...1.19))
            + family(1, 1, 0, distance: generator.uniform(in: 1.17...1.33))
        return facets.map { Crystal.Facet(normal: $0.normal, distance: $0.distance * (1 + 0.04 * generator.normal())) }
    }

    /// Winterbottom's construction: the interface at (γ interface - γ substrate) / γ(111) below the centre, from
    /// half wetting to nearly free.
    private static func winterbottomCrystal(using generator: inout SeededGenerator) -> Crystal {
        let facets = equilibriumFacets(using: &generator)
        let interface = Crystal.Facet(normal: Self.interfaceNormal, distance: generator.uniform(in: -0.1...0.6))
        return Crystal(facets + [interface])
    }

    /// A unit cube and random cuts that leave its centre inside.
    private static func randomCrystal(using generator: inout SeededGenerator) -> Crystal {
        let cuts = 8 + Int(generator.uniform() * 13)
        var facets = family(1, 0, 0, distance: 1)
        for _ in 0..<cuts {
            let normal = generator.direction()
            facets.append(Crystal.Facet(normal: normal, distance: generator.uniform(in: 0.5...1)))
        }
        return Crystal(facets)
    }
}
