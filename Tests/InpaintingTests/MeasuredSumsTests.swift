import Detectors
import Diffraction
import Foundation
import Testing
import Volume

@testable import Inpainting

@Suite struct MeasuredSumsTests {
    static let shape = VolumeShape(frames: 12, rows: 48, columns: 56)
    /// A seam of 6 lines, of which the outer two hold the sums of three each.
    static let seam: [EdgePixels.Line] = [
        .init(axis: .column, index: 24, covers: 24..<27), .init(axis: .column, index: 29, covers: 27..<30),
    ]
    static let cross = seam + seam.map { EdgePixels.Line(axis: .row, index: $0.index, covers: $0.covers) }

    private func truth() -> Volume<Float> {
        var generator = SeededGenerator(seed: 4)
        var volume = Volume<Float>(shape: Self.shape, repeating: 0)
        for frame in 0..<Self.shape.frames {
            for row in 0..<Self.shape.rows {
                for column in 0..<Self.shape.columns {
                    let phase = 1.1 * Double(column) + 0.4 * Double(row) + 0.3 * Double(frame)
                    let envelope = exp(-0.002 * pow(Double(row) - 20, 2))
                    volume[frame, row, column] = Float(
                        generator.poisson(mean: 500 * envelope * exp(2 * sin(phase) - 2)))
                }
            }
        }
        return volume
    }

    private func block(_ truth: Volume<Float>, _ lines: [EdgePixels.Line]) -> FrameBlock {
        var mask = PixelMask(shape: Self.shape.frame)
        for line in lines {
            if line.axis == .row { mask.mask(rows: line.covers) } else { mask.mask(columns: line.covers) }
        }
        let sums = SummedPixels(
            EdgePixels(factor: 3, lines: lines), frame: Self.shape.frame, unusable: PixelMask(shape: Self.shape.frame))
        let plan = GapPlan(mask: mask, maximumWidth: 44, sums: sums)
        var data = truth
        let size = Self.shape.frame.count
        for frame in 0..<Self.shape.frames {
            for pixel in 0..<size where mask.storage[pixel] { data.storage[frame * size + pixel] = 0 }
            for group in sums.groups {
                data.storage[frame * size + group.holder] =
                    group.members.reduce(0) { $0 + truth.storage[frame * size + $1] }
            }
        }
        return FrameBlock(data: data, plans: [GapPlan](repeating: plan, count: Self.shape.frames))
    }

    private func error(_ block: FrameBlock, _ truth: Volume<Float>) -> Double {
        let size = Self.shape.frame.count
        var sum = 0.0
        for voxel in truth.storage.indices where block.plans[0].fillable.storage[voxel % size] {
            sum += pow(Double(log1p(block.data.storage[voxel]) - log1p(truth.storage[voxel])), 2)
        }
        return sum
    }

    @Test(arguments: [seam, cross]) func krigingKeepsEachSum(lines: [EdgePixels.Line]) throws {
        let block = block(truth(), lines)
        var filled = block
        Kriging().fill(&filled)
        let size = Self.shape.frame.count
        let sums = try #require(block.plans[0].sums)
        var worst = 0.0
        for frame in 0..<Self.shape.frames {
            for group in sums.groups {
                let measured = Double(block.data.storage[frame * size + group.holder])
                let total = group.members.reduce(0.0) { $0 + Double(filled.data.storage[frame * size + $1]) }
                worst = max(worst, abs(total - measured) / max(1, measured))
            }
        }
        #expect(worst < 1e-6)
    }

    @Test func sumsMakeTheFillBetter() {
        let truth = truth()
        let with = block(truth, Self.seam)
        var filled = with
        Kriging().fill(&filled)
        let blind = GapPlan(mask: with.plans[0].mask, maximumWidth: 44)
        var unaided = FrameBlock(data: with.data, plans: [GapPlan](repeating: blind, count: Self.shape.frames))
        Kriging().fill(&unaided)
        #expect(error(filled, truth) < 0.95 * error(unaided, truth))
    }

    /// Not only what is written in the end is scaled to the sums: the field itself agrees with them, which the network and
    /// the variances see.
    @Test(arguments: [seam, cross]) func theFieldOfATileAgreesWithTheSums(lines: [EdgePixels.Line]) throws {
        let block = block(truth(), lines)
        let plan = block.plans[0]
        let sums = try #require(plan.sums)
        let size = Self.shape.frame.count
        func deviation(_ estimate: TileEstimate) -> Double {
            var (sum, count) = (0.0, 0.0)
            for frame in 0..<Self.shape.frames {
                for group in sums.groups {
                    let measured = Double(block.data.storage[frame * size + group.holder])
                    guard measured >= 30 else { continue }
                    let total = group.members.reduce(0.0) {
                        $0 + Double(expm1(estimate.mean.storage[frame * size + $1]))
                    }
                    sum += abs(total - measured) / measured
                    count += 1
                }
            }
            return sum / count
        }
        let told = deviation(Kriging().estimate(counts: block.data, mask: plan.mask, sums: sums))
        let blind = deviation(Kriging().estimate(counts: block.data, mask: plan.mask))
        #expect(told < 1e-3 && blind > 0.03, "\(told) with the sums, \(blind) without")
    }

    @Test func whereSeamsCrossOnePixelHoldsASquare() {
        let sums = SummedPixels(
            EdgePixels(factor: 3, lines: Self.cross), frame: Self.shape.frame,
            unusable: PixelMask(shape: Self.shape.frame))
        #expect(sums.groups.count { $0.members.count == 9 } == 4)
        #expect(sums.groups.count { $0.members.count == 3 } == 2 * (48 - 6) + 2 * (56 - 6))
        let members = sums.groups.flatMap(\.members)
        #expect(Set(members).count == members.count)
    }

    @Test func groupsWhoseSumIsMissingInAFrameAreLeftOut() {
        let sums = SummedPixels(
            EdgePixels(factor: 3, lines: Self.seam), frame: Self.shape.frame,
            unusable: PixelMask(shape: Self.shape.frame))
        var missing = [Bool](repeating: false, count: Self.shape.frame.count)
        missing[sums.groups[5].holder] = true
        #expect(sums.known(missing: missing).groups == sums.groups.filter { $0 != sums.groups[5] })
    }

    @Test func groupsWithAnUnusablePixelAreLeftOut() {
        var unusable = PixelMask(shape: Self.shape.frame)
        unusable[10, 25] = true
        let sums = SummedPixels(
            EdgePixels(factor: 3, lines: Self.seam), frame: Self.shape.frame, unusable: unusable)
        #expect(sums.groups.count == 2 * 48 - 1)
    }
}
