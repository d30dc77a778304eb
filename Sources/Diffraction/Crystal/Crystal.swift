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
