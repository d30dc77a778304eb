import Detectors
import Diffraction
import Foundation
import Testing
import Volume
import WorkMessages

@testable import Inpainting

@Suite struct KrigingTests {
    /// Fringes of a bright peak that stand askew to the gaps, with photon noise.
    private func fringes(_ shape: VolumeShape, seed: UInt64 = 1, peak: Double = 300) -> Volume<Float> {
        var generator = SeededGenerator(seed: seed)
        var volume = Volume<Float>(shape: shape, repeating: 0)
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let phase = 0.7 * Double(column) + 0.3 * Double(row) + 0.2 * Double(frame)
                    volume[frame, row, column] = Float(generator.poisson(mean: peak * exp(sin(phase) - 1)))
                }
            }
        }
        return volume
    }

    private func block(_ data: Volume<Float>, masks: [PixelMask]) -> FrameBlock {
        var block = FrameBlock(data: data, plans: masks.map { GapPlan(mask: $0, maximumWidth: 44) })
        for (frame, mask) in masks.enumerated() {
            let base = frame * mask.shape.count
            for pixel in 0..<mask.shape.count where mask.storage[pixel] { block.data.storage[base + pixel] = 0 }
        }
        return block
    }

    private func block(_ data: Volume<Float>, mask: PixelMask) -> FrameBlock {
        block(data, masks: [PixelMask](repeating: mask, count: data.shape.frames))
    }

    /// Mean squared error of log(1+I) over the filled voxels.
    private func error(of block: FrameBlock, truth: Volume<Float>) -> Double {
        var sum = 0.0
        var count = 0.0
        forEachVoxel(of: block) { plan, pixel, voxel in
            guard plan.fillable.storage[pixel] else { return }
            let difference = Double(log1p(block.data.storage[voxel]) - log1p(truth.storage[voxel]))
            sum += difference * difference
            count += 1
        }
        return sum / count
    }

    private func forEachVoxel(of block: FrameBlock, _ body: (GapPlan, Int, Int) -> Void) {
        for frame in block.frames {
            let base = frame * block.data.shape.frame.count
            for pixel in 0..<block.data.shape.frame.count { body(block.plans[frame], pixel, base + pixel) }
        }
    }

    /// Measured voxels are as they were, filled ones are counts with an error, and nothing else has changed.
    private func expectSound(_ filled: FrameBlock, from block: FrameBlock) throws {
        let errors = try #require(filled.errors)
        var faults = 0
        forEachVoxel(of: block) { plan, pixel, voxel in
            let (before, after) = (block.data.storage[voxel], filled.data.storage[voxel])
            if plan.fillable.storage[pixel] {
                let isCount = after.isFinite && after >= 0
                let error = errors.storage[voxel]
                if !isCount || !error.isFinite || error <= 0 { faults += 1 }
            } else if before.bitPattern != after.bitPattern {
                faults += 1
            }
        }
        #expect(faults == 0)
    }

    static let masks: [(String, [(rows: Range<Int>, columns: Range<Int>)])] = [
        ("band", [(0..<64, 30..<36)]), ("cross", [(0..<64, 30..<36), (20..<26, 0..<80)]),
        ("block", [(10..<24, 12..<30)]), ("pixels", [(3..<4, 7..<8), (40..<41, 1..<2), (62..<63, 78..<79)]),
        ("wide", [(0..<64, 20..<58)]), ("border", [(0..<64, 0..<5), (30..<34, 0..<80)]), ("none", []),
    ]

    @Test(arguments: masks) func everyMaskIsFilledSoundly(
        name: String, boxes: [(rows: Range<Int>, columns: Range<Int>)]
    ) throws {
        let shape = VolumeShape(frames: 9, rows: 64, columns: 80)
        var mask = PixelMask(shape: shape.frame)
        for box in boxes { mask.mask(rows: box.rows, columns: box.columns) }
        let block = block(fringes(shape), mask: mask)
        var filled = block
        Kriging().fill(&filled)
        try expectSound(filled, from: block)
    }

    @Test(arguments: [1, 2, 40]) func anyNumberOfFramesIsFilled(frames: Int) throws {
        let shape = VolumeShape(frames: frames, rows: 40, columns: 37)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 15..<19)
        let block = block(fringes(shape), mask: mask)
        var filled = block
        Kriging().fill(&filled)
        try expectSound(filled, from: block)
    }

    @Test func framesWithoutCountsStayNearZero() throws {
        let shape = VolumeShape(frames: 4, rows: 50, columns: 50)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(rows: 20..<26)
        let block = block(Volume(shape: shape, repeating: 0), mask: mask)
        var filled = block
        Kriging().fill(&filled)
        try expectSound(filled, from: block)
        #expect(filled.data.storage.allSatisfy { abs($0) < 1e-3 })
    }

    @Test func masksMayDifferFromFrameToFrame() throws {
        let shape = VolumeShape(frames: 6, rows: 40, columns: 40)
        let masks = (0..<6).map { frame in
            var mask = PixelMask(shape: shape.frame)
            mask.mask(rows: 4 * frame..<4 * frame + 3, columns: 10..<13 + frame)
            return mask
        }
        let block = block(fringes(shape), masks: masks)
        var filled = block
        Kriging().fill(&filled)
        try expectSound(filled, from: block)
    }

    @Test(arguments: [(6, 0.25), (12, 0.4)]) func fringesGoOnAcrossTheGap(width: Int, share: Double) {
        let shape = VolumeShape(frames: 24, rows: 48, columns: 64)
        let truth = fringes(shape)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 26..<26 + width)
        var linear = block(truth, mask: mask)
        var kriging = linear
        Interpolation(.linear).fill(&linear)
        Kriging().fill(&kriging)
        #expect(error(of: kriging, truth: truth) < share * error(of: linear, truth: truth))
    }

    @Test func theSameBlockGivesTheSameBits() {
        let shape = VolumeShape(frames: 20, rows: 90, columns: 90)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 40..<46)
        mask.mask(rows: 50..<56)
        let block = block(fringes(shape), mask: mask)
        var (first, second) = (block, block)
        Kriging().fill(&first)
        Kriging().fill(&second)
        #expect(first.data == second.data)
        #expect(first.errors?.storage.map(\.bitPattern) == second.errors?.storage.map(\.bitPattern))
    }

    @Test func contextFramesAreDropped() {
        let shape = VolumeShape(frames: 24, rows: 48, columns: 48)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 20..<26)
        let whole = block(fringes(shape), mask: mask)
        func part(_ frames: Range<Int>) -> FrameBlock {
            FrameBlock(
                data: Volume(
                    shape: VolumeShape(frames: frames.count, frame: shape.frame),
                    storage: Array(whole.data.storage[whole.data.range(ofFrames: frames)])),
                plans: Array(whole.plans[frames]))
        }
        var middle = part(8..<16).withContext(5, before: part(0..<8), after: part(16..<24))
        #expect(middle.data.shape.frames == 18)
        #expect(middle.frames == 5..<13)
        Kriging().fill(&middle)
        #expect(middle.withoutContext.data.shape.frames == 8)
        #expect(middle.withoutContext.data.storage.contains(0) == false)
    }

    @Test func contextFramesMakeTheFillBetter() {
        let shape = VolumeShape(frames: 40, rows: 48, columns: 48)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 20..<28)
        let truth = fringes(shape)
        let whole = block(truth, mask: mask)
        func part(_ frames: Range<Int>) -> FrameBlock {
            FrameBlock(
                data: Volume(
                    shape: VolumeShape(frames: frames.count, frame: shape.frame),
                    storage: Array(whole.data.storage[whole.data.range(ofFrames: frames)])),
                plans: Array(whole.plans[frames]))
        }
        let known = Volume(
            shape: VolumeShape(frames: 4, frame: shape.frame),
            storage: Array(truth.storage[truth.range(ofFrames: 16..<20)]))
        var alone = part(16..<20)
        var amid = alone.withContext(Kriging().contextFrames, before: part(0..<16), after: part(20..<40))
        Kriging().fill(&alone)
        Kriging().fill(&amid)
        let (without, with) = (error(of: alone, truth: known), error(of: amid.withoutContext, truth: known))
        #expect(with < 0.8 * without, "\(with) with context, \(without) without")
    }

    /// Shapes and counts at the edge of what can be kriged.
    @Test(
        arguments: [
            (VolumeShape(frames: 12, rows: 1, columns: 60), 300.0), (VolumeShape(frames: 5, rows: 60, columns: 1), 300),
            (VolumeShape(frames: 1, rows: 5, columns: 9), 300), (VolumeShape(frames: 3, rows: 12, columns: 14), 3e7),
            (VolumeShape(frames: 9, rows: 50, columns: 50), 4e9),
        ] as [(VolumeShape, Double)]) func smallFramesAndBrightPeaksAreFilledSoundly(shape: VolumeShape, peak: Double)
        throws
    {
        var mask = PixelMask(shape: shape.frame)
        if shape.columns > 3 { mask.mask(columns: 4..<6) } else { mask.mask(rows: 4..<6) }
        let block = block(fringes(shape, peak: peak), mask: mask)
        var filled = block
        Kriging().fill(&filled)
        try expectSound(filled, from: block)
        #expect(block.plans[0].fillableCount > 0)
    }

    @Test func maskedVoxelsMayHoldAnything() {
        let shape = VolumeShape(frames: 3, rows: 20, columns: 20)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(rows: 0..<2)
        mask.mask(columns: 9..<12)
        let counts = fringes(shape)
        let expected = Kriging().estimate(counts: block(counts, mask: mask).data, mask: mask)
        for odd in [Float.nan, .infinity, -.infinity, -7, .greatestFiniteMagnitude] {
            var other = counts
            for voxel in 0..<shape.count where mask.storage[voxel % shape.frame.count] { other.storage[voxel] = odd }
            #expect(Kriging().estimate(counts: other, mask: mask).mean == expected.mean, "\(odd)")
        }
    }

    @Test func aFrameOfWhichNothingWasMeasuredChangesNoOther() throws {
        let shape = VolumeShape(frames: 9, rows: 40, columns: 40)
        var gap = PixelMask(shape: shape.frame)
        gap.mask(columns: 18..<22)
        var all = PixelMask(shape: shape.frame)
        all.mask(rows: 0..<40)
        let block = block(fringes(shape), masks: (0..<9).map { $0 == 4 ? all : gap })
        var filled = block
        Kriging().fill(&filled)
        try expectSound(filled, from: block)
        #expect(block.plans[4].fillableCount == 0 && block.plans[4].unfillableCount == 1600)
        #expect(filled.data.storage.allSatisfy { $0 < 1000 })
    }

    @Test func everyFillablePixelLiesWellWithinATile() {
        var mask = PixelMask(shape: FrameShape(rows: 130, columns: 200))
        mask.mask(columns: 60..<66)
        mask.mask(rows: 70..<108)
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        let plans = [GapPlan](repeating: plan, count: 40)
        let tiles = Tile.cover(plans, frames: 0..<40)
        var uncovered = 0
        for row in 8..<122 {
            for column in 8..<192 where plan.fillable[row, column] {
                let isCovered = tiles.contains {
                    $0.box.rows.dropFirst(8).dropLast(8).contains(row)
                        && $0.box.columns.dropFirst(8).dropLast(8).contains(column)
                }
                if !isCovered { uncovered += 1 }
            }
        }
        #expect(uncovered == 0)
        #expect(tiles.count < 30)
        // Along a gap no tile is larger than elsewhere, not even the last one.
        for tile in tiles where tile.core.columns.lowerBound >= 66 || tile.core.columns.upperBound <= 60 {
            #expect(tile.box.columns.count == Tile.extent, "\(tile.box)")
        }
    }

    /// In the blend, what sees a voxel from farther within always counts more.
    @Test func aTileCountsMoreTheFartherWithinAVoxelLies() {
        let window = HannWindow(16..<64)
        let weights = (16..<64).map { window[$0] }
        for (before, after) in zip(weights[..<24], weights[1..<24]) { #expect(0 < before && before < after) }
        for (weight, opposite) in zip(weights, weights.reversed()) { #expect(abs(weight - opposite) < 1e-5) }
    }
}
