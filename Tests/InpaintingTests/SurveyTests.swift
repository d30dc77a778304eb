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
            let crops = training.draw(atMost: 64, apartFrom: hidden.map(\.box), seed: seed)
            for crop in crops {
                #expect(!hidden.contains { $0.box.overlaps(crop) })
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
