internal import Foundation
internal import Volume

/// Measures on the scan itself how well its gaps are filled.
///
/// Gaps of the widths that the detector has are hidden beside the real ones, filled, and compared with what was
/// measured there; the same hidden voxels for every filler.
public struct SelfCheck: Sendable {
    private struct Sample: Sendable {
        /// What the fillers see.
        var block: FrameBlock
        /// What was hidden, in the box's own pixels.
        var rows: Range<Int>
        var columns: Range<Int>
        /// The counts of these, not a number where none were measured.
        var truth: Volume<Float>
        /// Pixels across the hidden gap.
        var width = 0
    }

    private struct Sums: Sendable {
        var correlation = Correlation()
        var (truth, estimate) = (0.0, 0.0)
        var noise = 0.0
        var withErrors = 0
        /// How many of these are off by how much, in units of what is stated.
        var misses = [Int](repeating: 0, count: SelfCheckScore.missSteps)
        var expected = ExpectedCorrelation()
        var residual = (sum: 0.0, squares: 0.0)

        mutating func add(truth: Float, estimate: Float, error: Float?) {
            correlation.add(log1p(Double(truth)), log1p(Double(estimate)))
            noise += PhotonNoise.squaredError(expectation: estimate)
            self.truth += Double(truth)
            self.estimate += Double(estimate)
            guard let error, error.isFinite else { return }
            let mean = expected.add(estimate: estimate, error: error)
            let miss = log1p(Double(truth)) - Double(mean)
            residual.sum += miss
            residual.squares += miss * miss
            withErrors += 1
            let steps = abs(truth - estimate) / max(error, 1e-12) * Float(SelfCheckScore.stepsPerUnit)
            misses[Int(min(steps.rounded(.up), Float(misses.count - 1)))] += 1
        }

        /// What the estimates are off by, but for an offset that they all share, in units of what they state: the ratio
        /// of variances. `nil` where none are stated.
        var varianceRatio: Double? {
            guard withErrors > 1, expected.variance > 0 else { return nil }
            let mean = residual.sum / Double(withErrors)
            return (residual.squares - mean * residual.sum) / expected.variance
        }
    }

    private let samples: [Sample]

    /// - Parameters:
    ///   - gaps: where gaps are hidden.
    ///   - crops: what was measured in the boxes of these.
    ///   - mirror: the other side of the Bragg peak, where it tells something.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    init(_ gaps: [HiddenGap], crops: [FrameBlock], mirror: BraggMirror? = nil, maximumWidth: Int) {
        precondition(gaps.count == crops.count, "\(crops.count) crops for \(gaps.count) hidden gaps")
        samples = concurrentMap(0..<gaps.count) { index in
            var sample = Self.sample(gaps[index], crop: crops[index], maximumWidth: maximumWidth)
            let (gap, box) = (gaps[index], gaps[index].box)
            sample.width = gap.width
            // No filler may see what it is to find, not even from the other side.
            sample.block.mirror = mirror?.hiding([gap.hidden])
                .seen(fromFrame: box.frames.lowerBound, row: box.rows.lowerBound, column: box.columns.lowerBound)
            return sample
        }
    }

    /// Number of hidden gaps.
    public var count: Int { samples.count }

    /// What a filler makes of the hidden voxels.
    public func score(_ filler: any GapFiller) -> SelfCheckScore {
        let sums = concurrentMap(0..<samples.count) { Self.sums(samples[$0], filler) }
        let correlations = sums.map(\.correlation.pearson)
        let known = correlations.compactMap { $0 }
        let noise = sums.reduce(0) { $0 + $1.noise }
        var score = SelfCheckScore()
        score.correlations = correlations
        score.varianceRatios = sums.compactMap(\.varianceRatio)
        score.pcc = known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        score.misfit = noise > 0 ? sums.reduce(0) { $0 + $1.correlation.squaredDifference } / noise : nil
        score.misses = sums.reduce(into: score.misses) { total, sums in
            for (step, count) in sums.misses.enumerated() { total[step] += count }
        }
        score.windows = zip(samples, sums).map { sample, sums in
            HiddenWindow(width: sample.width, truth: sums.truth, estimate: sums.estimate)
        }
        return score
    }

    private static func sums(_ sample: Sample, _ filler: any GapFiller) -> Sums {
        var filled = sample.block
        filler.fill(&filled)
        var sums = Sums()
        for frame in 0..<sample.truth.shape.frames {
            for row in sample.rows {
                for column in sample.columns {
                    let truth = sample.truth[
                        frame, row - sample.rows.lowerBound, column - sample.columns.lowerBound]
                    guard !truth.isNaN else { continue }
                    sums.add(
                        truth: truth, estimate: filled.data[frame, row, column],
                        error: filled.errors?[frame, row, column])
                }
            }
        }
        return sums
    }

    private static func sample(_ gap: HiddenGap, crop: FrameBlock, maximumWidth: Int) -> Sample {
        let rows = gap.rows.shifted(by: -gap.box.rows.lowerBound)
        let columns = gap.columns.shifted(by: -gap.box.columns.lowerBound)
        var block = crop
        var truth = Volume<Float>(
            shape: VolumeShape(frames: crop.plans.count, rows: rows.count, columns: columns.count), repeating: .nan)
        for (frame, plan) in crop.plans.enumerated() {
            for row in rows {
                for column in columns {
                    if !plan.mask[row, column] {
                        truth[frame, row - rows.lowerBound, column - columns.lowerBound] =
                            crop.data[frame, row, column]
                    }
                    // No filler may see what it is to find.
                    block.data[frame, row, column] = 0
                }
            }
            if frame > 0, plan === crop.plans[frame - 1] {
                block.plans[frame] = block.plans[frame - 1]
            } else {
                var mask = plan.mask
                mask.mask(rows: rows, columns: columns)
                block.plans[frame] = GapPlan(mask: mask, maximumWidth: maximumWidth)
            }
        }
        return Sample(block: block, rows: rows, columns: columns, truth: truth)
    }
}

extension Range<Int> {
    fileprivate func shifted(by offset: Int) -> Range { lowerBound + offset..<upperBound + offset }
}
