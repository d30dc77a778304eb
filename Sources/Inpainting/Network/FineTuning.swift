internal import Foundation
internal import NeuralNetwork
internal import Volume

/// Teaches a network what is particular to one scan, by gaps hidden in parts of it that were measured.
///
/// Source: Masto et al. 2024, section 2.7, there with patches of one gap width for minutes on a graphics card.
struct FineTuning {
    let network: GapNetwork
    let parts: [GapFreePart]
    /// Widths of the gaps to be filled, in pixels.
    let gapWidths: [Int]
    let precision: Precision
    let steps: Int

    private static let patchesPerStep = 8
    /// What the network sees of a patch at least and at most, (frame, row, column); the rest kriging alone knows, as in
    /// scans.
    private static let (leastSeen, mostSeen) = (
        VolumeShape(frames: 16, rows: 32, columns: 32), VolumeShape(frames: 32, rows: 32, columns: 32)
    )
    /// Measured pixels on both sides of a gap, at least.
    private static let context = 8
    private static let learningRate: Float = 1e-4
    private static let averageSteps = 40
    private static let uncertaintyWeight: Float = 0.05
    private static let clipNorm: Float = 0.5
    private static let seed: UInt64 = 0

    /// What the network knows after having seen the scan; `nil` where no gap fits into what was measured.
    ///
    /// - Parameters:
    ///   - goesOn: asked half-way whether there is any use in the rest; without one, what was learnt by then is returned.
    ///   - progress: told how many of how many steps are done.
    /// - Throws: ``NeuralNetworkError`` where the network cannot be trained on this machine.
    func run(
        _ start: ParameterSet, goesOn: (ParameterSet) -> Bool = { _ in true },
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws(NeuralNetworkError) -> ParameterSet? {
        let widths = gapWidths.filter { $0 + 2 * Self.context <= Self.mostSeen.columns }
        let usable = parts.filter { part in
            zip(part.counts.shape.extents, Self.leastSeen.extents).allSatisfy { $0 >= $1 }
        }
        guard !widths.isEmpty, let frames = usable.map(\.counts.shape.frames).min() else { return nil }
        var seen = Self.mostSeen
        seen.frames = min(seen.frames, frames / GapNetwork.extentMultiple * GapNetwork.extentMultiple)
        let plan = try NetworkPlan(
            network.graph, batch: Self.patchesPerStep, extents: Extent3(seen), precision: precision,
            training: true)
        let kriging = Kriging()
        let loss = GapLoss(uncertaintyWeight: Self.uncertaintyWeight)
        var parameters = start
        var average = WeightAverage(start, decay: 1 - 1 / Float(Self.averageSteps))
        var optimiser = Adam(parameterCount: start.values.count)
        for step in 0..<steps {
            let examples = concurrentMap(0..<Self.patchesPerStep) { index in
                let draw = Draw(seeds: SeededDraw(seed: Self.seed), number: step * Self.patchesPerStep + index)
                return example(of: usable, seen: seen, widths: widths, draw: draw, kriging: kriging)
            }
            plan.load(parameters)
            plan.setInput(examples.map(\.features))
            plan.forward()
            _ = loss.backward(examples, in: plan)
            let rate = Self.learningRate * (1 - Float(step) / Float(steps))
            _ = plan.withGradients {
                optimiser.step(&parameters, gradients: $0, learningRate: rate, clippingNorm: Self.clipNorm)
            }
            average.update(parameters)
            progress(step + 1, steps)
            if step + 1 == steps / 2, !goesOn(Self.blend(start, average.average)) { break }
        }
        return Self.blend(start, average.average)
    }

    /// Half-way between what holds for all scans and what this one taught: less is forgotten than is gained.
    ///
    /// Source: Wortsman et al. 2022, arXiv:2109.01903.
    private static func blend(_ start: ParameterSet, _ learnt: ParameterSet) -> ParameterSet {
        var blend = start
        blend.scale(by: 0.5)
        blend.add(learnt, scale: 0.5)
        return blend
    }

    /// One of the parts with a gap across its rows or columns, its axes running forwards or backwards.
    private func example(
        of parts: [GapFreePart], seen: VolumeShape, widths: [Int], draw: Draw, kriging: Kriging
    ) -> GapExample {
        let part = parts[draw.integer(.part, below: parts.count)]
        let shape = part.counts.shape
        let width = widths[draw.integer(.width, below: widths.count)]
        let isAcrossRows = draw.isTrue(.acrossRows)
        let room = (isAcrossRows ? shape.rows : shape.columns) - width - 2 * Self.context
        let start = Self.context + draw.integer(.gap, below: room + 1)
        var (gap, mask) = (shape.box, part.mask)
        if isAcrossRows {
            gap.rows = start..<start + width
            mask.mask(rows: gap.rows)
        } else {
            gap.columns = start..<start + width
            mask.mask(columns: gap.columns)
        }
        let (rows, columns) = (draw.isTrue(.rowsBackwards), draw.isTrue(.columnsBackwards))
        let counts = part.counts.turned(rows: rows, columns: columns)
        let dead = part.mask.turned(rows: rows, columns: columns)
        return GapExample(
            counts: counts, mirror: part.images(hiding: gap)?.turned(rows: rows, columns: columns),
            mask: mask.turned(rows: rows, columns: columns), seen: seen, kriging: kriging
        ) { position in
            guard !dead.storage[position % shape.frame.count] else { return nil }
            // Nothing but the count is known: its noise is part of what the deviation has to cover.
            return PhotonNoise.Moments(mean: log1p(counts.storage[position]), variance: 0)
        }
    }
}

/// The random numbers of one patch.
private struct Draw {
    /// What a number is for: each has its own.
    enum Purpose: Int {
        case part, width, gap, acrossRows, rowsBackwards, columnsBackwards
    }

    let seeds: SeededDraw
    let number: Int

    /// A whole number from 0, evenly distributed.
    func integer(_ purpose: Purpose, below end: Int) -> Int {
        Int(seeds.number(number, purpose.rawValue) % UInt64(end))
    }

    func isTrue(_ purpose: Purpose) -> Bool { integer(purpose, below: 2) == 1 }
}
