/// A convex polygon in the plane, its corners counter-clockwise; x runs along columns, y along rows.
struct ConvexPolygon: Sendable, Equatable {
    private(set) var corners: [SIMD2<Double>]

    /// The convex hull of points (Andrew 1979, Information Processing Letters 9, 216-219).
    ///
    /// - Precondition: at least three points, not all on one line.
    init(around points: [SIMD2<Double>]) {
        let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        corners = Self.chain(sorted) + Self.chain(sorted.reversed())
        precondition(corners.count >= 3, "\(points.count) points span no polygon")
    }

    /// The hull of 5 to 15 points anywhere in a square, its bounding box centred on 0 with a longest edge of 1.
    static func random(using generator: inout SeededGenerator) -> ConvexPolygon {
        let points = (0..<generator.integer(in: 5...15)).map { _ in
            SIMD2(generator.uniform(), generator.uniform())
        }
        var polygon = ConvexPolygon(around: points)
        let (least, greatest) = polygon.bounds
        let edges = greatest - least
        polygon.corners = polygon.corners.map { ($0 - (least + greatest) / 2) / max(edges.x, edges.y) }
        return polygon
    }

    /// The corners of the bounding box.
    var bounds: (least: SIMD2<Double>, greatest: SIMD2<Double>) {
        corners.reduce((corners[0], corners[0])) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
    }

    /// Whether a point lies inside or on the edge.
    func contains(_ point: SIMD2<Double>) -> Bool {
        zip(corners, corners.dropFirst() + corners.prefix(1)).allSatisfy { Self.turn($0, $1, point) >= 0 }
    }

    /// One side of the hull, without its last point, which begins the other.
    private static func chain(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
        var chain: [SIMD2<Double>] = []
        for point in points {
            while chain.count > 1, turn(chain[chain.count - 2], chain[chain.count - 1], point) <= 0 {
                chain.removeLast()
            }
            chain.append(point)
        }
        return chain.dropLast()
    }

    /// Above 0 where the way from `a` over `b` to `c` turns left.
    private static func turn(_ a: SIMD2<Double>, _ b: SIMD2<Double>, _ c: SIMD2<Double>) -> Double {
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    }
}
