internal import Foundation
internal import NeuralNetwork
internal import Volume

/// Teaches a network what is particular to one scan, by gaps hidden in parts of it that were measured.
///
/// Source: Masto et al. 2024, section 2.7, there with patches of one gap width for minutes on a graphics card.
struct FineTuning {
    let network: GapNetwork
    /// Measured counts without any gap, (frame, row, column).
    let crops: [Volume<Float>]
    /// Widths of the gaps to be filled, in pixels.
    let gapWidths: [Int]
    let precision: Precision
    let steps: Int

    static let usualSteps = 150

    private static let patchesPerStep = 12
    /// (frame, row, column) of a patch with a narrow gap.
    private static let shape = VolumeShape(frames: 32, rows: 32, columns: 32)
    /// Measured pixels on both sides of a gap, at least.
    private static let context = 8
    private static let learningRate: Float = 1e-4
    private static let averageSteps = 40
    private static let seed: UInt64 = 0

    /// What the network knows after having seen the scan; `nil` where no gap fits into what was measured.
    func run(_ start: ParameterSet, progress: (_ done: Int, _ total: Int) -> Void) -> ParameterSet? {
        let widths = gapWidths.filter { $0 + 2 * Self.context <= Self.shape.columns }
        let usable = crops.filter { crop in
            zip(crop.shape.extents, Self.shape.extents).allSatisfy { $0 >= $1 }
        }
        guard !widths.isEmpty, !usable.isEmpty,
            let plan = try? NetworkPlan(
                network.graph, batch: Self.patchesPerStep, extents: Extent3(Self.shape), precision: precision,
                training: true)
        else { return nil }
        let kriging = Kriging()
        let loss = GapLoss(uncertaintyWeight: 0.05)
        var parameters = start
        var average = WeightAverage(start, decay: 1 - 1 / Float(Self.averageSteps))
        var optimiser = Adam(parameterCount: start.values.count)
        for step in 0..<steps {
            let examples = concurrentMap(0..<Self.patchesPerStep) { index in
                let draw = Draw(seed: Self.seed, number: step * Self.patchesPerStep + index)
                return example(of: usable, widths: widths, draw: draw, kriging: kriging)
            }
            plan.load(parameters)
            plan.setInput(examples.map(\.features))
            plan.forward()
            _ = loss.backward(examples, in: plan)
            let rate = Self.learningRate * (1 - Float(step) / Float(steps))
            _ = plan.withGradients {
                optimiser.step(&parameters, gradients: $0, learningRate: rate, clippingNorm: 0.5)
            }
            average.update(parameters)
            progress(step + 1, steps)
        }
        return average.average
    }

    /// A patch of one of the crops, turned at random, with a gap across its rows.
    private func example(
        of crops: [Volume<Float>], widths: [Int], draw: Draw, kriging: Kriging
    ) -> GapExample {
        let crop = crops[draw.integer(0, below: crops.count)]
        let counts = crop.patch(Self.shape, draw: draw)
        let width = widths[draw.integer(1, below: widths.count)]
        let room = Self.shape.columns - width - 2 * Self.context
        let start = Self.context + draw.integer(2, below: room + 1)
        var mask = PixelMask(shape: Self.shape.frame)
        mask.mask(columns: start..<start + width)
        return GapExample(counts: counts, mask: mask, kriging: kriging) { position in
            // Nothing but the count is known: its noise is part of what the deviation has to cover.
            PhotonNoise.Moments(mean: log1p(counts.storage[position]), variance: 0)
        }
    }
}

/// The random numbers of one patch.
private struct Draw {
    private let seeds: SeededDraw
    private let number: Int

    init(seed: UInt64, number: Int) {
        seeds = SeededDraw(seed: seed)
        self.number = number
    }

    /// A whole number from 0, evenly distributed; another one for each purpose.
    func integer(_ purpose: Int, below end: Int) -> Int { Int(seeds.number(number, purpose) % UInt64(end)) }
}

extension Volume<Float> {
    /// A part of the volume at a random place, its axes running forwards or backwards, rows and columns exchanged or not.
    fileprivate func patch(_ patch: VolumeShape, draw: Draw) -> Volume<Float> {
        let isTransposed = draw.integer(3, below: 2) == 1
        let axes = isTransposed ? [0, 2, 1] : [0, 1, 2]
        let strides = [shape.frame.count, shape.columns, 1]
        var origin = 0
        var steps = [0, 0, 0]
        for axis in 0..<3 {
            let extent = patch.extents[axis]
            let start = draw.integer(4 + axis, below: shape.extents[axes[axis]] - extent + 1)
            let isBackwards = draw.integer(7 + axis, below: 2) == 1
            origin += (isBackwards ? start + extent - 1 : start) * strides[axes[axis]]
            steps[axis] = isBackwards ? -strides[axes[axis]] : strides[axes[axis]]
        }
        var voxels: [Float] = []
        voxels.reserveCapacity(patch.count)
        for frame in 0..<patch.frames {
            for row in 0..<patch.rows {
                let base = origin + frame * steps[0] + row * steps[1]
                for column in 0..<patch.columns { voxels.append(storage[base + column * steps[2]]) }
            }
        }
        return Volume(shape: patch, storage: voxels)
    }
}
