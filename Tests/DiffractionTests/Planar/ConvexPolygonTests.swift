import Testing

@testable import Diffraction

@Suite struct ConvexPolygonTests {
    @Test func theHullOfASquareHasItsCorners() {
        let corners = [SIMD2(0.0, 0), SIMD2(1, 0), SIMD2(1, 1), SIMD2(0, 1)]
        let inside = [SIMD2(0.5, 0.5), SIMD2(0.2, 0.9), SIMD2(0.5, 0)]
        let polygon = ConvexPolygon(around: inside + corners)
        #expect(polygon.corners == corners)
        #expect(inside.allSatisfy(polygon.contains))
        #expect(!polygon.contains(SIMD2(1.01, 0.5)) && !polygon.contains(SIMD2(0.5, -0.01)))
    }

    @Test func randomOnesAreConvexAndOfTheSameSize() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<100 {
            let polygon = ConvexPolygon.random(using: &generator)
            let (least, greatest) = polygon.bounds
            #expect(abs(max(greatest.x - least.x, greatest.y - least.y) - 1) < 1e-12)
            #expect(abs(least.x + greatest.x) < 1e-12 && abs(least.y + greatest.y) < 1e-12)
            for (first, second) in zip(polygon.corners, polygon.corners.dropFirst()) {
                #expect(polygon.contains((first + second) / 2 * 0.999))
            }
            #expect(ConvexPolygon(around: polygon.corners).corners.count == polygon.corners.count)
        }
    }
}
