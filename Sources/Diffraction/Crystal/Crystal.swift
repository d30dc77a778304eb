import Foundation

/// A convex crystal: what all of its facets' half-spaces share, coordinates (frame, row, column).
///
/// Only the form counts: a simulation scales the crystal to the oversampling that was asked for.
public struct Crystal: Hashable, Sendable {
    /// One facet: the crystal lies where `normal · r <= distance`.
    public struct Facet: Hashable, Sendable {
        /// The outward unit normal.
        public var normal: SIMD3<Double>
        /// The signed distance of the facet from the origin.
        public var distance: Double

        /// - Parameter normal: of any length but zero.
        public init(normal: SIMD3<Double>, distance: Double) {
            self.normal = normal.normalized
            self.distance = distance
        }

        /// How deep below the facet a point lies; negative outside.
        func depth(of point: SIMD3<Double>) -> Double { distance - normal.dot(point) }
    }

    /// The facets that bound the crystal; half-spaces that cut nothing off are left out.
    public let facets: [Facet]
    /// The corners of the crystal.
    public let vertices: [SIMD3<Double>]

    /// - Precondition: the half-spaces bound a body of some volume.
    public init(_ halfSpaces: [Facet]) {
        let corners = Self.corners(of: halfSpaces)
        facets = halfSpaces.indices.filter { index in corners.count { $0.facets.contains(index) } >= 3 }
            .map { halfSpaces[$0] }
        vertices = corners.map(\.point)
        precondition(vertices.count >= 4, "\(halfSpaces.count) half-spaces bound no body")
    }

    /// The corners, and which facets meet there: every crossing of three planes that no half-space cuts off.
    private static func corners(of facets: [Facet]) -> [(point: SIMD3<Double>, facets: [Int])] {
        let tolerance = 1e-9 * (facets.map { abs($0.distance) }.max() ?? 1)
        var corners: [(point: SIMD3<Double>, facets: [Int])] = []
        for first in facets.indices {
            for second in facets.indices where second > first {
                let edge = facets[first].normal.cross(facets[second].normal)
                for third in facets.indices where third > second {
                    let determinant = edge.dot(facets[third].normal)
                    guard abs(determinant) > 1e-9 else { continue }
                    let (one, two, three) = (facets[first], facets[second], facets[third])
                    let point =
                        (two.normal.cross(three.normal) * one.distance + three.normal.cross(one.normal) * two.distance
                            + edge * three.distance) / determinant
                    guard facets.allSatisfy({ $0.depth(of: point) >= -tolerance }) else { continue }
                    guard !corners.contains(where: { ($0.point - point).length <= 10 * tolerance }) else { continue }
                    let meeting = facets.indices.filter { abs(facets[$0].depth(of: point)) <= 10 * tolerance }
                    corners.append((point, meeting))
                }
            }
        }
        return corners
    }

    /// The lowest and the highest coordinates of the crystal.
    public var bounds: (lower: SIMD3<Double>, upper: SIMD3<Double>) {
        vertices.dropFirst().reduce((vertices[0], vertices[0])) {
            (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1))
        }
    }

    /// The edge lengths of the crystal's bounding box.
    public var extents: SIMD3<Double> { bounds.upper - bounds.lower }

    /// The crystal turned about the origin.
    public func rotated(by rotation: Rotation) -> Crystal {
        Crystal(facets.map { Facet(normal: rotation($0.normal), distance: $0.distance) })
    }

    /// The crystal in coordinates whose frame axis leans: frame' = frame + slope · row.
    ///
    /// Its pattern is the crystal's own with rows that move by `slope` fringes for each fringe of frames, as in a
    /// rocking scan whose frames are not at right angles to the detector's rows.
    func sheared(slope: Double) -> Crystal {
        Crystal(
            facets.map { facet in
                let normal = facet.normal - SIMD3(0, slope * facet.normal.x, 0)
                return Facet(normal: normal, distance: facet.distance / normal.length)
            })
    }

    /// The crystal with its bounding box centred on the origin and the box's longest edge of length 1.
    var normalized: Crystal {
        let centre = (bounds.lower + bounds.upper) / 2
        let size = extents.max()
        return Crystal(
            facets.map { Facet(normal: $0.normal, distance: ($0.distance - $0.normal.dot(centre)) / size) })
    }
}

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

/// A rotation in space, acting on vectors (frame, row, column).
public struct Rotation: Hashable, Sendable {
    private var rows: [SIMD3<Double>]

    /// No rotation.
    public static let identity = Rotation(quaternion: SIMD4(1, 0, 0, 0))

    /// The rotation by `angle` radians about `axis`, right-handed.
    public init(angle: Double, axis: SIMD3<Double>) {
        let vector = axis.normalized * sin(angle / 2)
        self.init(quaternion: SIMD4(cos(angle / 2), vector.x, vector.y, vector.z))
    }

    /// A rotation evenly distributed over all: a normal deviate on the sphere of quaternions.
    public init(using generator: inout SeededGenerator) {
        var quaternion = SIMD4(generator.normal(), generator.normal(), generator.normal(), generator.normal())
        quaternion.w += quaternion == .zero ? 1 : 0
        self.init(quaternion: quaternion / (quaternion * quaternion).sum().squareRoot())
    }

    /// - Parameter quaternion: a unit quaternion, the real part first.
    private init(quaternion q: SIMD4<Double>) {
        let (s, x, y, z) = (q.x, q.y, q.z, q.w)
        rows = [
            SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - s * z), 2 * (x * z + s * y)),
            SIMD3(2 * (x * y + s * z), 1 - 2 * (x * x + z * z), 2 * (y * z - s * x)),
            SIMD3(2 * (x * z - s * y), 2 * (y * z + s * x), 1 - 2 * (x * x + y * y)),
        ]
    }

    public func callAsFunction(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(rows[0].dot(vector), rows[1].dot(vector), rows[2].dot(vector))
    }
}

extension SIMD3<Double> {
    func dot(_ other: Self) -> Double { (self * other).sum() }

    func cross(_ other: Self) -> Self {
        Self(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }

    var length: Double { dot(self).squareRoot() }

    var normalized: Self { self / length }
}
