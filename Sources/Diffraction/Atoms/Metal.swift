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
