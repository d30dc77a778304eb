internal import Detectors
internal import Foundation
internal import Inpainting
internal import Volume
internal import WorkMessages

/// With which filler a scan is filled: the one that was asked for, unless the self-check speaks for another.
struct FillerChoice {
    private(set) var filler: any ScanFiller
    private(set) var isFineTuned = false
    private(set) var secondsOfFineTuning = 0.0
    /// What a person should know of the choice.
    private(set) var remarks: [String] = []

    private let check: SelfCheck
    private var score: SelfCheckScore
    /// Of the filler before it learnt from the scan.
    private let generalScore: SelfCheckScore
    private let linearScore: SelfCheckScore?
    /// `nil` where interpolation was asked for, by those who want little time spent.
    private let krigingScore: SelfCheckScore?

    /// Scores the filler that was asked for beside those that it is compared with.
    init(_ filler: any ScanFiller, by check: SelfCheck, progress: (WorkProgress) -> Void) {
        let rivals: [any ScanFiller] = filler.method.isInterpolation ? [] : [Kriging()]
        let contenders = [filler, Interpolation(.linear)] + rivals
        var scores: [FillMethod: SelfCheckScore] = [:]
        for (index, contender) in contenders.enumerated() where scores[contender.method] == nil {
            scores[contender.method] = check.score(contender)
            progress(WorkProgress(stage: "check", done: index + 1, total: contenders.count))
        }
        self.filler = filler
        self.check = check
        generalScore = scores[filler.method] ?? SelfCheckScore()
        score = generalScore
        linearScore = scores[.linear]
        krigingScore = scores[.kriging]
    }

    /// The figures of the filler that is chosen.
    ///
    /// - Parameter expected: what is stated of the voxels that it filled.
    func quality(_ expected: ExpectedQuality) -> InpaintReport.Quality {
        var quality = InpaintReport.Quality(
            pcc: expected.pcc() ?? score.pcc, pccLinear: linearScore?.pcc,
            pccKriging: krigingScore?.pcc, misfit: score.misfit, samples: score.samples)
        quality.pccBeforeFineTune = isFineTuned ? generalScore.pcc : nil
        quality.withinOneSigma = score.share(within: 1)
        quality.withinTwoSigma = score.share(within: 2)
        return quality
    }

    /// By what the uncertainties that the filler states are multiplied, to be right in the hidden gaps.
    var errorScale: Float { Float(score.errorScale) }

    /// What was seen in the hidden gaps.
    var selfCheck: InpaintReport.SelfCheck {
        var seen = InpaintReport.SelfCheck(pcc: score.pcc, samples: score.samples)
        (seen.pccKriging, seen.pccLinear) = (krigingScore?.pcc, linearScore?.pcc)
        (seen.withinOneSigma, seen.withinTwoSigma) = (score.share(within: 1), score.share(within: 2))
        seen.varianceScale = score.share(within: 1) == nil ? nil : score.varianceScale
        return seen
    }

    /// What hidden gaps tell of the fill of a gap of some width.
    func hiddenGaps(width: Int) -> HiddenGapFigures { HiddenGapFigures(score.windows, width: width) }

    /// Has the filler learn from the scan where that is called for, and keeps what it learnt where the check clearly gains by it.
    ///
    /// - Parameters:
    ///   - training: gap-free parts of the scan that share no voxel with the self-check.
    ///   - gapWidths: of the gaps, in pixels.
    mutating func fineTune(
        on training: [GapFreePart], gapWidths: [Int], settings: ProcessingSettings,
        progress: (WorkProgress) -> Void
    ) {
        guard let general = filler as? any TrainableFiller, settings.fineTunes(at: score.misfit) else { return }
        guard check.count > 0, !training.isEmpty else {
            remarks.append("not fine-tuned: the scan has no gap-free region with enough signal")
            return
        }
        let learnt: any ScanFiller
        do {
            let result = try ContinuousClock().add(to: &secondsOfFineTuning) { () throws in
                try general.fineTuned(on: training, gapWidths: gapWidths) { done, total in
                    progress(WorkProgress(stage: "fine-tune", done: done, total: total))
                }
            }
            guard let result else {
                remarks.append("not fine-tuned: there was nothing to learn from the scan")
                return
            }
            learnt = result
        } catch {
            remarks.append("not fine-tuned: the network cannot be trained: \(error)")
            return
        }
        let learntScore = check.score(learnt)
        let gain = "pcc \(Self.text(score.pcc)) → \(Self.text(learntScore.pcc))"
        if learntScore.isClearlyBetter(than: score) {
            (filler, score, isFineTuned) = (learnt, learntScore, true)
            remarks.append("fine-tuned: \(gain)")
        } else {
            remarks.append("fine-tuning did not help: \(gain)")
        }
    }

    /// Puts kriging in the place of a network that is clearly worse on this very scan.
    mutating func takeKrigingIfBetter() {
        guard filler.method == .network, let krigingScore, krigingScore.isClearlyBetter(than: score) else { return }
        remarks.append(
            "kriging instead of the network: pcc \(Self.text(krigingScore.pcc)) against \(Self.text(score.pcc))")
        (filler, score, isFineTuned) = (Kriging(), krigingScore, false)
    }

    private static func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "unknown" }
}

extension ProcessingSettings {
    /// Whether a scan on which the network has this misfit is to be fine-tuned.
    fileprivate func fineTunes(at misfit: Double?) -> Bool {
        switch fineTune {
        case .off: false
        case .auto: misfit ?? 0 > fineTuneAboveMisfit
        case .always: true
        }
    }
}
