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
        /// How many of these are off by how much, in standard deviations of a normal law.
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
            let steps = abs(deviate(of: truth, estimate: estimate, error: error)) * Double(SelfCheckScore.stepsPerUnit)
            misses[steps < Double(misses.count - 1) ? Int(steps.rounded(.up)) : misses.count - 1] += 1
        }

        /// Where a count lies in the law that is stated for it, as a deviate of a normal one.
        ///
        /// A count stands for a range of the law. Which part of it is taken goes round evenly, or few counts would always
        /// lie in the middle.
        private func deviate(of truth: Float, estimate: Float, error: Float) -> Double {
            let law = CountDistribution(mean: estimate, deviation: error)
            let (below, upTo) = (law.chance(ofAtMost: truth - 1), law.chance(ofAtMost: truth))
            let part = (Double(withErrors) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
            return CountDistribution.normalDeviate(below + part * (upTo - below))
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
    ///   - mirror: the Friedel mates, where they tell something.
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
        score(
            concurrentMap(0..<samples.count) { index in
                var filled = samples[index].block
                filler.fill(&filled)
                return Self.sums(samples[index], filled: filled)
            })
    }

    /// What a filler that corrects kriging makes of the hidden voxels, and kriging by itself; each sample is kriged once.
    public func scores(_ filler: any KrigingCorrector) -> (corrected: SelfCheckScore, kriging: SelfCheckScore) {
        let sums = concurrentMap(0..<samples.count) { index in
            var filled = samples[index].block
            let kriged = filler.fillAndKrige(&filled)
            return (Self.sums(samples[index], filled: filled), Self.sums(samples[index], filled: kriged))
        }
        return (score(sums.map(\.0)), score(sums.map(\.1)))
    }

    private func score(_ sums: [Sums]) -> SelfCheckScore {
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

    private static func sums(_ sample: Sample, filled: FrameBlock) -> Sums {
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

/// What a self-check tells about one way of filling.
public struct SelfCheckScore: Sendable, Equatable {
    /// Pearson correlation of log(1+I) over the hidden voxels of each window; `nil` where nothing varies.
    public var correlations: [Double?] = []
    /// The mean of the correlations.
    public var pcc: Double?
    /// Mean squared error of log(1+I) in units of what photon noise alone would give; 1 is the limit.
    public var misfit: Double?
    /// How many hidden voxels are off by how many steps, the last for all that lie beyond.
    var misses = [Int](repeating: 0, count: missSteps)
    static let stepsPerUnit = 20
    static let missSteps = 8 * stepsPerUnit + 2
    /// Of each window, the variance of the errors of log(1+I) over the variance that the filler states.
    public var varianceRatios: [Double] = []

    /// What was found in each window, in the order of ``correlations``.
    public var windows: [HiddenWindow] = []

    public init() {}

    /// Number of windows that could be scored.
    public var samples: Int { correlations.count { $0 != nil } }

    /// The share of the hidden voxels that lie within the limits that the output states, between which as many counts are
    /// to lie as within some deviations of a normal law: 68 % within one, 95 % within two. `nil` where the filler states
    /// no uncertainty.
    public func share(within deviations: Double) -> Double? {
        let all = misses.reduce(0, +)
        guard all > 0 else { return nil }
        let steps = Int((deviations * errorScale * Double(Self.stepsPerUnit)).rounded())
        return Double(misses.prefix(steps + 1).reduce(0, +)) / Double(all)
    }

    /// By what the output multiplies the uncertainties that the filler states.
    public var errorScale: Double { varianceScale.squareRoot() }

    /// By what the variances that the filler states are to be multiplied: the geometric mean of what was seen in the
    /// hidden gaps, and of what is usual where few could be hidden.
    public var varianceScale: Double {
        let logarithms = varianceRatios.filter { $0 > 0 }.map { log(min(max($0, 0.1), 10)) }
        let usual = Self.usualWindows * log(Self.usualVarianceRatio)
        return exp((usual + logarithms.reduce(0, +)) / (Self.usualWindows + Double(logarithms.count)))
    }

    /// The ratio in simulated scans, and how many windows it counts for.
    private static let usualVarianceRatio = 0.8
    private static let usualWindows = 4.0

    /// Whether the mean correlation is above that of another filler, on the same windows, by more than two standard
    /// errors, and more of them where few windows tell how large these are: whether it would be so in other windows, too.
    public func isClearlyBetter(than other: SelfCheckScore) -> Bool {
        guard let gain = gain(over: other) else { return false }
        let freedom = Double(zip(correlations, other.correlations).count { $0 != nil && $1 != nil } - 1)
        // Student's quantile at the 97.7 % of two standard errors, to 5 % from 2 degrees of freedom.
        let errors = 2 + 2.5 / freedom + 4.3 / (freedom * freedom)
        return gain.mean > errors * gain.standardError
    }

    /// The mean gain in correlation over another filler on the same windows, and its standard error as if they were
    /// independent; `nil` for fewer than two.
    public func gain(over other: SelfCheckScore) -> (mean: Double, standardError: Double)? {
        let gains = zip(correlations, other.correlations).compactMap { mine, theirs in
            mine.flatMap { mine in theirs.map { mine - $0 } }
        }
        guard gains.count > 1 else { return nil }
        let n = Double(gains.count)
        let mean = gains.reduce(0, +) / n
        let variance = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        return (mean, (variance / n).squareRoot())
    }
}
