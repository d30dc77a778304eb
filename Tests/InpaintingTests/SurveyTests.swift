import Detectors
import Foundation
import Testing
import Volume

@testable import Inpainting

@Suite struct SurveyTests {
    private static let shape = VolumeShape(frames: 75, rows: 230, columns: 210)
    private static let bands = [
        GapBand(axis: .row, range: 100..<112), GapBand(axis: .column, range: 60..<64),
        GapBand(axis: .column, range: 150..<154),
    ]

    private static let mask: PixelMask = {
        var mask = PixelMask(shape: shape.frame)
        mask.mask(rows: 100..<112)
        mask.mask(columns: 60..<64)
        mask.mask(columns: 150..<154)
        return mask
    }()

    /// A peak beside the crossing of two gaps.
    private static let peak: Volume<Float> = {
        var volume = Volume<Float>(shape: shape, repeating: 0)
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let x = Float(column - 70) / 50
                    let y = Float(row - 120) / 60
                    let z = Float(frame - 40) / 30
                    volume[frame, row, column] = (500 * exp(-(x * x + y * y + z * z))).rounded()
                }
            }
        }
        return volume
    }()

    private func survey(_ data: Volume<Float>, blockLength: Int) -> (SignalSurvey, TrainingSurvey) {
        var signal = SignalSurvey(mask: Self.mask, bands: Self.bands, frames: Self.shape.frames, maximumWidth: 44)
        var training = TrainingSurvey(mask: Self.mask, bands: Self.bands, shape: Self.shape)
        for start in stride(from: 0, to: Self.shape.frames, by: blockLength) {
            let frames = start..<min(Self.shape.frames, start + blockLength)
            let block = Volume(
                shape: VolumeShape(frames: frames.count, frame: Self.shape.frame),
                storage: Array(data.storage[data.range(ofFrames: frames)]))
            signal.add(block, firstFrame: start)
            training.add(block, firstFrame: start)
        }
        return (signal, training)
    }

    @Test func partsForTrainingShareNoVoxelWithTheCheckOrAGap() {
        let (signal, training) = survey(Self.peak, blockLength: 32)
        var drawn = 0
        for seed in 0..<20 as Range<UInt64> {
            let hidden = signal.draw(1...6, hiding: .max, seed: seed)
            let crops = training.draw(atMost: 64, apartFrom: hidden.map(\.hidden), seed: seed)
            for crop in crops {
                #expect(!hidden.contains { $0.hidden.overlaps(crop) })
                #expect(crop.rows.allSatisfy { row in crop.columns.allSatisfy { !Self.mask[row, $0] } })
                #expect(crop.frames.upperBound <= Self.shape.frames)
            }
            #expect(Set(crops).count == crops.count && crops.count <= 64)
            drawn += crops.count
        }
        #expect(drawn > 200)
    }

    @Test func hiddenGapsLieBesideRealOnesOfTheirWidth() {
        let (signal, _) = survey(Self.peak, blockLength: 32)
        let hidden = signal.draw(1...12, hiding: .max, seed: 3)
        #expect(hidden.count == 12)
        // Both widths come as often.
        #expect(hidden.count { $0.width == 12 } == 6)
        for gap in hidden {
            #expect(gap.width == min(gap.rows.count, gap.columns.count))
            #expect(gap.box.frames.count == 32)
            #expect(gap.rows.allSatisfy { row in gap.columns.allSatisfy { !Self.mask[row, $0] } })
            #expect(gap.box.rows.contains(gap.rows) && gap.box.columns.contains(gap.columns))
        }
    }

    @Test func noMoreIsHiddenThanAskedForBeyondTheFewestGaps() {
        let (signal, _) = survey(Self.peak, blockLength: 32)
        let all = signal.draw(1...12, hiding: .max, seed: 3)
        let firstFour = all.prefix(4).reduce(0) { $0 + $1.hidden.shape.count }
        #expect(signal.draw(1...12, hiding: firstFour, seed: 3) == Array(all.prefix(4)))
        #expect(signal.draw(6...12, hiding: firstFour, seed: 3) == Array(all.prefix(6)))
    }

    @Test func theDrawDependsOnTheSeedAndNotOnTheBlocks() {
        let (signal, training) = survey(Self.peak, blockLength: 32)
        let (again, otherTraining) = survey(Self.peak, blockLength: 7)
        let hidden = signal.draw(1...12, hiding: .max, seed: 3)
        #expect(hidden == again.draw(1...12, hiding: .max, seed: 3))
        #expect(hidden != signal.draw(1...12, hiding: .max, seed: 4))
        let boxes = hidden.map(\.box)
        let crops = training.draw(atMost: 20, apartFrom: boxes, seed: 3)
        #expect(crops == otherTraining.draw(atMost: 20, apartFrom: boxes, seed: 3))
        #expect(crops != training.draw(atMost: 20, apartFrom: boxes, seed: 4))
    }

    /// Speckles of 60 voxels across beside one gap of 12 pixels, and nothing elsewhere.
    private static func speckles(dead: Set<Int> = []) -> (SampleSurvey, PixelMask, Volume<Float>) {
        let shape = VolumeShape(frames: 64, rows: 128, columns: 128)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 50..<62)
        for pixel in dead { mask.storage[pixel] = true }
        var volume = Volume<Float>(shape: shape, repeating: 0)
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns where !mask[row, column] {
                    let place = SIMD3(Float(frame - 32), Float(row - 66), Float(column - 78))
                    let fringe = place * SIMD3(0.5, 0.4, 0.7)
                    volume[frame, row, column] =
                        (200 * exp(-(place * place).sum() / 400) * (1 + cos(fringe.sum())) / 2).rounded()
                }
            }
        }
        return (samples(of: volume, mask: mask), mask, volume)
    }

    private static func samples(of volume: Volume<Float>, mask: PixelMask) -> SampleSurvey {
        var survey = SampleSurvey(mask: mask, shape: volume.shape, maximumWidth: 44, mirrors: false, trains: true)
        survey.add(block(volume, mask), firstFrame: 0)
        return survey
    }

    private static func block(_ volume: Volume<Float>, _ mask: PixelMask) -> FrameBlock {
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        return FrameBlock(data: volume, plans: [GapPlan](repeating: plan, count: volume.shape.frames))
    }

    @Test func aSmallPatternTeachesBesideItsHiddenGaps() {
        let (survey, mask, volume) = Self.speckles()
        var collector = survey.collector
        let hidden = collector.hidden
        collector.add(Self.block(volume, mask), firstFrame: 0)
        let parts = collector.samples.training
        #expect(hidden.count > 1 && parts.count >= 8)
        for part in parts { #expect(!hidden.contains { $0.hidden.overlaps(part.box) }) }
        // All that is bright is what the fillers see around the hidden gaps.
        #expect(parts.contains { part in hidden.contains { $0.box.overlaps(part.box) } })
        // They overlap, but by no more than a half.
        for (index, part) in parts.enumerated() {
            for other in parts[..<index] {
                let shared = [
                    part.box.frames.clamped(to: other.box.frames), part.box.rows.clamped(to: other.box.rows),
                    part.box.columns.clamped(to: other.box.columns),
                ].reduce(1) { $0 * $1.count }
                #expect(2 * shared <= part.counts.shape.count)
            }
        }
    }

    @Test func partsLieBesideTheGapWhereNothingIsHidden() {
        let (_, training) = survey(Self.peak, blockLength: 32)
        let parts = training.draw(atMost: 64, apartFrom: [], seed: 0)
        #expect(parts.contains { 112..<120 ~= $0.rows.lowerBound })
    }

    /// Whatever was counted where the check hides gaps, the network is shown the same.
    @Test func whatTheCheckHidesTeachesNothing() {
        let (survey, mask, volume) = Self.speckles()
        var changed = volume
        for gap in survey.collector.hidden.map(\.hidden) {
            for frame in gap.frames {
                for row in gap.rows {
                    for column in gap.columns where volume[frame, row, column] > 0 { changed[frame, row, column] += 7 }
                }
            }
        }
        let shown = [volume, changed].map { volume in
            var collector = Self.samples(of: volume, mask: mask).collector
            collector.add(Self.block(volume, mask), firstFrame: 0)
            return collector.samples.training
        }
        #expect(changed != volume && !shown[0].isEmpty)
        #expect(shown[0].map(\.box) == shown[1].map(\.box))
        #expect(shown[0].map(\.counts) == shown[1].map(\.counts))
    }

    @Test func deadPixelsLeaveThePartsAroundThem() {
        let dead = Set((0..<40).map { $0 * 397 + 11 })
        let (survey, mask, volume) = Self.speckles(dead: dead)
        var noisy = volume
        for frame in 0..<volume.shape.frames {
            for pixel in dead { noisy.storage[frame * volume.shape.frame.count + pixel] = 1e9 }
        }
        var collector = survey.collector
        collector.add(Self.block(volume, mask), firstFrame: 0)
        let parts = collector.samples.training
        #expect(parts.count >= 8 && parts.contains { $0.mask.maskedCount > 0 })
        #expect(parts.allSatisfy { GapFreePart.isGapFree($0.mask) })
        // What they hold is of no account.
        var other = Self.samples(of: noisy, mask: mask).collector
        other.add(Self.block(noisy, mask), firstFrame: 0)
        #expect(other.samples.training.map(\.box) == parts.map(\.box))
    }

    @Test func brightPartsAreDrawnFirst() {
        let (_, training) = survey(Self.peak, blockLength: 32)
        func brightness(_ boxes: some Collection<VoxelBox>) -> Float {
            let sum = boxes.reduce(0) { sum, box in
                sum
                    + log1p(
                        Self.peak[box.frames.lowerBound + 24, box.rows.lowerBound + 24, box.columns.lowerBound + 24])
            }
            return sum / Float(boxes.count)
        }
        let draws = (0..<20).map { training.draw(atMost: 1000, apartFrom: [], seed: $0) }
        #expect(brightness(draws.flatMap { $0.prefix(4) }) > 1.1 * brightness(draws[0]))
    }

    @Test func aScanWithoutCountsYieldsNothing() {
        let (signal, training) = survey(Volume(shape: Self.shape, repeating: 0), blockLength: 32)
        #expect(signal.draw(1...12, hiding: .max, seed: 0).isEmpty)
        #expect(training.draw(atMost: 12, apartFrom: [], seed: 0).isEmpty)
    }

    @Test func cropsHoldWhatWasMeasuredAndTheMaskOfEachFrame() {
        let data = Self.peak
        var dead = Self.mask
        dead[30, 31] = true
        let plans = (0..<Self.shape.frames).map { GapPlan(mask: $0 < 40 ? Self.mask : dead, maximumWidth: 44) }
        let box = VoxelBox(frames: 30..<50, rows: 20..<40, columns: 25..<70)
        var collector = BoxCollector([box], maximumWidth: 44)
        #expect(collector.wants(49..<60) && !collector.wants(50..<60))
        for start in stride(from: 0, to: Self.shape.frames, by: 25) {
            let frames = start..<start + 25
            let block = Volume(
                shape: VolumeShape(frames: 25, frame: Self.shape.frame),
                storage: Array(data.storage[data.range(ofFrames: frames)]))
            collector.add(FrameBlock(data: block, plans: Array(plans[frames])), firstFrame: start)
        }
        let crop = collector.blocks[0]
        #expect(crop.data.shape == box.shape)
        for frame in [0, 9, 10, 19] {
            for row in 0..<20 {
                for column in 0..<45 {
                    #expect(crop.data[frame, row, column] == data[30 + frame, 20 + row, 25 + column])
                    #expect(crop.plans[frame].mask[row, column] == plans[30 + frame].mask[20 + row, 25 + column])
                }
            }
        }
        #expect(crop.plans[0] === crop.plans[9] && crop.plans[9] !== crop.plans[10])
    }
}
