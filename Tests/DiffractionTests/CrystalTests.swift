import Foundation
import Testing

@testable import Diffraction

@Suite struct CrystalTests {
    private func crystal(_ family: CrystalFamily, seed: UInt64 = 1) -> Crystal {
        var generator = SeededGenerator(seed: seed)
        return family.crystal(using: &generator)
    }

    /// The sum of the sampled density, in units of the volume of the crystal as given.
    private func sampledVolume(_ crystal: Crystal) -> Double {
        let normalized = crystal.normalized
        let lattice = ObjectLattice(extents: normalized.extents, voxelsAcross: SIMD3(30, 34.5, 40))
        var generator = SeededGenerator(seed: 0)
        let parameters = CrystalObject.Imperfections(
            strain: 0, strainLength: 1, modulusNoise: 0, modulusNoiseLength: 1, relaxation: 0, relaxationLength: 1)
        let object = CrystalObject(crystal: normalized, on: lattice, imperfections: parameters, using: &generator)
        let voxel = lattice.spacing.x * lattice.spacing.y * lattice.spacing.z
        return object.real.reduce(0) { $0 + Double($1) } * voxel * pow(crystal.extents.max(), 3)
    }

    @Test func volumesAreThoseOfTheSolids() {
        let turn = Rotation(angle: 0.7, axis: SIMD3(1, 2, -0.5))
        for crystal in [crystal(.cube), crystal(.cube).rotated(by: turn)] {
            #expect(abs(sampledVolume(crystal) / 8 - 1) < 0.01)
        }
        // |x| + |y| + |z| <= √3 has the volume 4/3 · √3³.
        let octahedron = 4.0 / 3 * pow(3, 1.5)
        for crystal in [crystal(.octahedron), crystal(.octahedron).rotated(by: turn)] {
            #expect(abs(sampledVolume(crystal) / octahedron - 1) < 0.01)
        }
    }

    @Test func cubeAndOctahedronHaveTheirFacetsAndCorners() {
        #expect(crystal(.cube).facets.count == 6)
        #expect(crystal(.cube).vertices.count == 8)
        #expect(crystal(.octahedron).facets.count == 8)
        #expect(crystal(.octahedron).vertices.count == 6)
        #expect((crystal(.cube).extents - SIMD3(repeating: 2)).length < 1e-12)
    }

    @Test func halfSpacesThatCutNothingAreLeftOut() {
        let far = Crystal.Facet(normal: SIMD3(1, 1, 0), distance: 5)
        #expect(Crystal(crystal(.cube).facets + [far]) == crystal(.cube))
    }

    @Test(arguments: CrystalFamily.allCases) func everyFamilyGivesConvexBodies(family: CrystalFamily) {
        for seed in 0..<10 as Range<UInt64> {
            let crystal = crystal(family, seed: seed)
            #expect(crystal.facets.count >= 6)
            #expect(crystal.vertices.count >= 6)
            // Euler: V - E + F = 2, and each edge belongs to two facets.
            let edges = crystal.vertices.count + crystal.facets.count - 2
            #expect(2 * edges >= 3 * crystal.vertices.count)
            #expect(crystal.facets.allSatisfy { abs($0.normal.length - 1) < 1e-12 })
            let box = crystal.normalized.bounds
            #expect(abs((box.upper - box.lower).max() - 1) < 1e-9)
            #expect((box.upper + box.lower).length < 1e-9)
        }
    }

    @Test func winterbottomIsFlatWhereItTouchesTheSubstrate() {
        let crystal = crystal(.winterbottom)
        let interface = SIMD3(repeating: -1 / 3.0.squareRoot())
        let depths = crystal.facets.filter { ($0.normal - interface).length < 1e-9 }.map(\.distance)
        #expect(depths.count == 1 && depths[0] < 0.7)
    }

    @Test func rotationsKeepLengthsAndAngles() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<20 {
            let rotation = Rotation(using: &generator)
            let (a, b) = (generator.normalVector(), generator.normalVector())
            #expect(abs(rotation(a).dot(rotation(b)) - a.dot(b)) < 1e-12)
            #expect((rotation(a).cross(rotation(b)) - rotation(a.cross(b))).length < 1e-12)
        }
        let quarter = Rotation(angle: .pi / 2, axis: SIMD3(0, 0, 1))
        #expect((quarter(SIMD3(1, 0, 0)) - SIMD3(0, 1, 0)).length < 1e-12)
        #expect((Rotation.identity(SIMD3(1, 2, 3)) - SIMD3(1, 2, 3)).length < 1e-12)
    }

    @Test func shearMovesEachCornerAlongTheFrames() {
        let upright = crystal(.winterbottom)
        let leaning = upright.sheared(slope: 0.6)
        #expect(leaning.vertices.count == upright.vertices.count)
        for vertex in upright.vertices {
            let moved = vertex + SIMD3(0.6 * vertex.y, 0, 0)
            #expect(leaning.vertices.contains { ($0 - moved).length < 1e-6 })
        }
    }
}
