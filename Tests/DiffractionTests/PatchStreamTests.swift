import Foundation
import Testing
import Volume

@testable import Diffraction

@Suite struct PatchStreamTests {
    private let shape = VolumeShape(frames: 12, rows: 16, columns: 20)

    /// Few small volumes, renewed every other patch.
    private func recipe(seed: UInt64 = 1) -> PatchRecipe {
        var recipe = PatchRecipe(seed: seed)
        recipe.volumeShape = VolumeShape(frames: 16, rows: 28, columns: 24)
        (recipe.poolSize, recipe.patchesPerVolume) = (3, 2)
        return recipe
    }

    private func patch(_ index: Int, of stream: PatchStream) -> TrainingPatch {
        stream.patch(index, shape: shape, gaps: .narrow)
    }

    @Test func seedAndIndexDecideEverythingInAnyOrderFromAnyThread() {
        let (forward, scattered) = (PatchStream(recipe: recipe()), PatchStream(recipe: recipe()))
        let expected = (0..<24).map { patch($0, of: forward) }
        // Backwards, so that volumes dropped long ago are asked for again.
        let patches = concurrentMap(0..<24) { patch(23 - $0, of: scattered) }
        for (patch, other) in zip(expected, patches.reversed()) {
            #expect(patch.expected == other.expected)
            #expect(patch.counts == other.counts)
            #expect(patch.mask == other.mask)
        }
        #expect(Set(expected.map(\.counts.storage)).count == 24)
        #expect(patch(0, of: PatchStream(recipe: recipe(seed: 2))).counts != expected[0].counts)
    }

    @Test func preparingChangesNothing() {
        let (lazy, eager) = (PatchStream(recipe: recipe()), PatchStream(recipe: recipe()))
        eager.prepare(upTo: 10)
        for index in 0..<10 { #expect(patch(index, of: lazy).counts == patch(index, of: eager).counts) }
    }

    @Test func onlyTheFamiliesAskedForAppear() {
        var recipe = recipe()
        recipe.families = [.cube, .wulff, .random]
        recipe.patchesPerVolume = 1
        let stream = PatchStream(recipe: recipe)
        let families = (0..<40).map { patch($0, of: stream).family }
        #expect(Set(families) == [.cube, .wulff, .random])
    }

    @Test func countsAreWholeAndAboutAsManyAsExpected() {
        var recipe = recipe()
        recipe.hotPixelShare = 0
        recipe.peakCounts = 1e3...1e6
        let stream = PatchStream(recipe: recipe)
        for index in 0..<10 {
            let patch = patch(index, of: stream)
            #expect(patch.counts.shape == shape && patch.expected.shape == shape)
            #expect(patch.counts.storage.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
            let expected = patch.expected.storage.reduce(0) { $0 + Double($1) }
            let counted = patch.counts.storage.reduce(0) { $0 + Double($1) }
            #expect(abs(counted - expected) < 5 * expected.squareRoot() + 1)
        }
    }

    @Test func hotPixelsStayOutsideOfTheGap() {
        var (clean, hot) = (recipe(), recipe())
        (clean.hotPixelShare, hot.hotPixelShare) = (0, 1)
        let (cleanStream, hotStream) = (PatchStream(recipe: clean), PatchStream(recipe: hot))
        var isAnyHot = false
        for index in 0..<10 {
            let (first, second) = (patch(index, of: cleanStream), patch(index, of: hotStream))
            #expect(first.expected == second.expected)
            for position in first.counts.storage.indices {
                let added = second.counts.storage[position] - first.counts.storage[position]
                if first.mask.storage[position % shape.frame.count] {
                    #expect(added == 0)
                } else {
                    #expect(added >= 0)
                }
                isAnyHot = isAnyHot || added > 0
            }
        }
        #expect(isAnyHot)
    }

    @Test func mostPatchesHaveSignal() {
        var recipe = recipe()
        (recipe.background, recipe.neighbourShare, recipe.driftShare) = (0...0, 0, 0)
        func sharesWithSignal(dim: Double, peakCounts: ClosedRange<Double>) -> [Double] {
            (recipe.dimShare, recipe.peakCounts) = (dim, peakCounts)
            let stream = PatchStream(recipe: recipe)
            return (0..<40).map { index in
                let patch = patch(index, of: stream)
                return Double(patch.expected.storage.count { $0 >= 1 }) / Double(shape.count)
            }
        }
        // The choice looks at one voxel in 64 only.
        #expect(sharesWithSignal(dim: 0, peakCounts: 1e2...1e7).count { $0 > 0.2 } >= 38)
        #expect(sharesWithSignal(dim: 1, peakCounts: 1...1e4).count { $0 < 0.3 } >= 30)
    }

    @Test func drawnParametersStayWithinTheRecipe() {
        let recipe = recipe()
        let stream = PatchStream(recipe: recipe)
        for index in 0..<30 {
            let patch = patch(index, of: stream)
            #expect(patch.oversampling.min() >= 2 && patch.oversampling.max() <= 10)
            #expect(patch.peakCounts >= 1e3 * 0.999)
            #expect((0...4).contains(patch.background))
            #expect(patch.gapWidth >= 1 && patch.mask.maskedCount > 0)
        }
    }
}
