internal import Diffraction
internal import Foundation
public import Inpainting
internal import Volume
public import WorkMessages

/// How well the quality that is stated for a scan tells the quality of the fill of its real gaps.
///
/// A cross of gaps is hidden in a scan where everything was counted. The scan is processed as a scan with such gaps is;
/// what is stated for it stands beside what the hidden counts say.
public struct SelfCheckStudy: Sendable {
    /// What was stated and what is true of one cross and one filler.
    public struct Score: Sendable, Equatable {
        public var method: String
        /// Of the gaps, in pixels.
        public var width: Int
        /// PCC of log(1+I): as stated for the gaps, as seen in gaps hidden beside them, and as it is.
        public var stated: Double?
        public var checked: Double?
        public var truth: Double?
        /// By what the stated variances were multiplied, and how many hidden gaps told so.
        public var varianceScale: Double
        public var samples: Int
        public var gaps: [Gap]
    }

    /// What was said and what is true of one gap of a cross.
    public struct Gap: Sendable, Equatable {
        /// PCC of log(1+I) and the most that it could be: as expected, and as they are.
        public var expected: Double?
        public var attainable: Double?
        /// The uncertainty of the summed intensity, as a share of it, as stated.
        public var intensityUncertainty: Double?
        public var truth: Double
        public var limit: Double
        /// Estimated over true intensity: in the gaps that the self-check hid, and in this one.
        public var hiddenRatio: Double?
        public var ratio: Double?
        /// Gaps of this width that were hidden.
        public var samples: Int
        public var verdict: FillVerdict
        /// What would have been said by one who knows.
        public var deserved: FillVerdict
        /// How many counts lie within the stated limits.
        public var coverage: VoxelCoverage
    }

    public var fillers: [any ScanFiller]
    /// Number of crosses; simulated ones lie in a scan of their own each.
    public var placements = 30
    /// Widths of the crosses in pixels, in turn.
    public var widths = [3, 6, 12]
    public var seed: UInt64 = 0
    /// Whether scans are taken whose gaps hold counts here and there only.
    public var takesDim = false

    /// Keeps the places apart from all else that is random.
    private static let stream: UInt64 = 0x5354_5544_4945_5336
    /// How many scans are tried for each cross: one may be too dim.
    private static let triesPerCross = 4

    public init(fillers: [any ScanFiller]) { self.fillers = fillers }

    /// - Parameter progress: told the number of crosses done and in all.
    /// - Throws: ``StudyError/noWindow(source:reason:)``
    public func scores(
        _ source: some VolumeSource, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StudyError) -> [Score] {
        var scores: [Score] = []
        var crosses = 0
        for index in 0..<Self.triesPerCross * placements where crosses < placements {
            let volume = source.volume(index % source.availableVolumes)
            var generator = SeededGenerator(seed: seed, stream: Self.stream, UInt64(index))
            guard
                let cross = HiddenCross(
                    width: widths[index % widths.count], besidePeakOf: volume, takesDim: takesDim, using: &generator)
            else { continue }
            scores += fillers.map { Self.score($0, on: cross) }
            crosses += 1
            progress(crosses, placements)
        }
        guard !scores.isEmpty else {
            throw .noWindow(source: source.name, reason: "no place for a cross has counts in it and around it")
        }
        return scores
    }

    private static func score(_ filler: any ScanFiller, on cross: HiddenCross) -> Score {
        let judged = JudgedFill(filler, of: cross.block, mask: cross.mask, width: cross.width)
        let check = judged.check
        var expected = ExpectedQuality(mask: cross.mask, shape: cross.block.data.shape)
        expected.add(judged.filled, firstFrame: 0)
        return Score(
            method: filler.method.rawValue, width: cross.width,
            stated: expected.pcc() ?? check.pcc, checked: check.pcc,
            truth: cross.windows.isEmpty ? nil : cross.pcc(of: judged.filled), varianceScale: check.varianceScale,
            samples: check.samples, gaps: gaps(of: cross, judged))
    }

    private static func gaps(of cross: HiddenCross, _ judged: JudgedFill) -> [Gap] {
        let (tally, hidden) = (judged.tally, judged.hidden)
        return tally.regions.regions.indices.compactMap { number in
            let quality = tally.qualities[number]
            let pixels = tally.pixels(of: [number], shape: cross.mask.shape)
            let truth = cross.truth(of: judged.filled, pixels: pixels)
            guard tally.regions.regions[number].axis != nil, let pcc = truth.pcc, let limit = truth.limit else {
                return nil
            }
            let ratio = truth.counts > 0 ? truth.estimate / truth.counts : nil
            return Gap(
                expected: quality.expectedPCC, attainable: quality.attainablePCC,
                intensityUncertainty: quality.intensityUncertainty, truth: pcc, limit: limit,
                hiddenRatio: hidden.intensityRatio, ratio: ratio, samples: hidden.samples,
                verdict: VerdictRule.verdict(quality, hidden: hidden).verdict,
                deserved: deserved(pcc: pcc, limit: limit, ratio: ratio), coverage: truth.coverage)
        }
    }

    /// A shortfall of .05 is the most that may be trusted, and one of .3 the most of which bounds still tell something.
    private static func deserved(pcc: Double, limit: Double, ratio: Double?) -> FillVerdict {
        let bias = ratio.map { abs(log($0)) } ?? .infinity
        if pcc < 0.5 || limit - pcc > 0.3 { return .leaveFree }
        return limit - pcc > 0.05 || bias > log(1.2) ? .boundsOnly : .trust
    }
}
