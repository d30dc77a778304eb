import Diffraction
import Testing
import Volume

@testable import Inpainting
@testable import Training

@Suite struct GapLossTests {
    private let loss = GapLoss(uncertaintyWeight: 0.3)

    private var example: GapExample {
        let stream = PatchStream(recipe: PatchRecipe(seed: 11))
        let shape = VolumeShape(frames: 16, rows: 16, columns: 16)
        return GapExample(
            stream.patch(5, shape: shape, gap: .centredBand(width: 3, axis: .columns, in: shape.frame)),
            seen: shape, kriging: Kriging())
    }

    /// What the network sees around a gap is a part of what is kriged, and lies where the gap is.
    @Test func aPartOfAPatchIsSeenAroundItsGap() throws {
        let shape = VolumeShape(frames: 24, rows: 24, columns: 32)
        let seen = VolumeShape(frames: 16, rows: 16, columns: 16)
        let patch = PatchStream(recipe: PatchRecipe(seed: 11))
            .patch(5, shape: shape, gap: .band(width: 3, axis: .columns, start: 20))
        let whole = GapExample(patch, seen: shape, kriging: Kriging())
        let part = GapExample(patch, seen: seen, kriging: Kriging())
        #expect(part.shape == seen && part.gap.count == 16 * 16 * 3)
        let corner = (frame: 4, row: 3, column: 21 - 8)
        for voxel in part.gap {
            let (line, column) = Int(voxel.position).quotientAndRemainder(dividingBy: 16)
            let place =
                ((line / 16 + corner.frame) * 24 + line % 16 + corner.row) * 32 + column + corner.column
            let same = try #require(whole.gap.first { $0.position == Int32(place) })
            #expect(same.kriged == voxel.kriged && same.target == voxel.target)
            for channel in 0..<GapNetwork.inputChannels {
                #expect(
                    part.features[Int(voxel.position) * GapNetwork.inputChannels + channel]
                        == whole.features[place * GapNetwork.inputChannels + channel])
            }
        }
    }

    private func value(_ example: GapExample, _ answer: [Float]) -> (value: GapLoss.Value, gradient: [Float]) {
        var gradient = [Float](repeating: 0, count: answer.count)
        let value = answer.withUnsafeBufferPointer { answer in
            gradient.withUnsafeMutableBufferPointer { loss.add(example, answer: answer, gradient: $0, share: 1) }
        }
        return (value, gradient)
    }

    @Test func theGradientOfTheErrorIsItsSlope() {
        let example = example
        var generator = SeededGenerator(seed: 1)
        let count = example.shape.count * GapNetwork.outputChannels
        let answer = (0..<count).map { _ in Float(generator.uniform(in: -0.3...0.3)) }
        let gradient = value(example, answer).gradient
        for voxel in [example.gap[0], example.gap[example.gap.count / 2]] {
            // The mean's channels follow the squared error.
            for channel in 0..<2 {
                let place = Int(voxel.position) * GapNetwork.outputChannels + channel
                var (more, less) = (answer, answer)
                more[place] += 0.05
                less[place] -= 0.05
                let slope = (value(example, more).value.error - value(example, less).value.error) / 0.1
                #expect(abs(slope - Double(gradient[place])) < 1e-3 * abs(slope) + 1e-7)
            }
        }
    }

    @Test func theDeviationFollowsTheLikelihood() {
        let example = example
        let count = example.shape.count * GapNetwork.outputChannels
        // Deviations large enough that no voxel is cut.
        let answer = (0..<count).map { Float($0 % 3 == 2 ? 1.5 : 0) }
        let gradient = value(example, answer).gradient
        for voxel in [example.gap[1], example.gap[example.gap.count / 3]] {
            let place = Int(voxel.position) * GapNetwork.outputChannels + 2
            var (more, less) = (answer, answer)
            more[place] += 0.02
            less[place] -= 0.02
            let slope = (value(example, more).value.likelihood - value(example, less).value.likelihood) / 0.04
            #expect(abs(0.3 * slope - Double(gradient[place])) < 2e-3 * abs(slope) + 1e-7)
            #expect(gradient[place] != 0)
        }
    }

    @Test func onlyTheGapPulls() {
        let example = example
        let count = example.shape.count * GapNetwork.outputChannels
        let gradient = value(example, [Float](repeating: 0.1, count: count)).gradient
        let gap = Set(example.gap.map { Int($0.position) })
        for index in gradient.indices where gradient[index] != 0 {
            #expect(gap.contains(index / GapNetwork.outputChannels))
        }
    }

    @Test func anAnswerOfNothingIsKriging() {
        let example = example
        let value = value(example, [Float](repeating: 0, count: example.shape.count * GapNetwork.outputChannels)).value
        #expect(value.error == value.kriging)
    }
}
