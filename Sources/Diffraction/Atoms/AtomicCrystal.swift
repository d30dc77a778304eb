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
