/// What came of letting a filler learn from the scan that it is to fill.
public struct FineTuneTrial: Sendable {
    /// The filler with what it learnt.
    public let filler: any ScanFiller
    /// Its self-check, and that of the filler as it came.
    public let after: SelfCheckScore
    public let before: SelfCheckScore
    /// How many steps it learnt: half of them where the self-check had gained nothing by then.
    public let steps: Int
    /// What the self-check had gained half-way.
    public let gainHalfWay: Double?

    /// Steps of learning in less than a minute on two cores without matrix units.
    public static let usualSteps = 100
    /// Steps of learning below which hardly anything is gained.
    public static let fewestSteps = 50

    /// Whether what was learnt is kept: unless the self-check clearly loses.
    ///
    /// A few hidden gaps tell little of gains of some thousandths, and what was learnt has hardly ever lost: of nine crosses
    /// that were hidden in simulated scans, none lost.
    public var isKept: Bool { !before.isClearlyBetter(than: after) }

    /// Lets a filler learn as long as the self-check gains by it; `nil` where there is nothing to learn.
    ///
    /// - Parameters:
    ///   - samples: what it learns from, and the self-check.
    ///   - before: the self-check of the filler as it is.
    ///   - gapWidths: of the gaps that are to be filled, in pixels.
    ///   - steps: of learning, at most.
    ///   - progress: told how many of how many steps are done.
    /// - Throws: where the filler cannot be trained, e.g. for want of memory.
    public init?(
        of general: any TrainableFiller, samples: ScanSamples, before: SelfCheckScore, gapWidths: [Int],
        steps: Int = usualSteps, progress: (_ done: Int, _ total: Int) -> Void
    ) throws {
        var halfWay: (score: SelfCheckScore, gain: Double)?
        var made = 0
        let learnt = try general.fineTuned(on: samples.training, gapWidths: gapWidths, steps: steps) { filler in
            let score = samples.check.score(filler)
            let gain = score.gain(over: before)?.mean ?? 0
            halfWay = (score, gain)
            return gain > 0
        } progress: { done, total in
            made = done
            progress(done, total)
        }
        guard let learnt else { return nil }
        filler = learnt
        self.before = before
        self.steps = made
        gainHalfWay = halfWay?.gain
        if let halfWay, halfWay.gain <= 0 {
            after = halfWay.score
        } else {
            after = samples.check.score(learnt)
        }
    }
}

extension ScanSamples {
    /// Steps of learning that take, with a self-check half-way and one in the end, at most twice the time in which the
    /// gaps are filled.
    ///
    /// It is counted from what the scan holds, and measured by no clock: the same scan is always treated alike.
    public var affordableSteps: Int { max(0, Int((2 * windows - Double(2 * check.count)) / Self.windowsPerStep)) }

    /// Windows that are filled in the time of a step; 8 to 11 were measured, with AVX-512.
    private static let windowsPerStep = 12.0
}
