internal import COpenSSL
internal import Conventions
internal import Detectors
internal import Foundation
public import Inpainting
internal import Volume
public import WorkMessages

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
        if let corrector = filler as? any KrigingCorrector {
            (scores[filler.method], scores[.kriging]) = check.scores(corrector)
        }
        for (index, contender) in contenders.enumerated() {
            if scores[contender.method] == nil { scores[contender.method] = check.score(contender) }
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

    /// Has the filler learn from the scan where that is called for, and keeps what it learnt unless the check clearly loses by it.
    ///
    /// - Parameters:
    ///   - samples: those of the check, and what can be learnt from.
    ///   - gapWidths: of the gaps, in pixels.
    mutating func fineTune(
        on samples: ScanSamples, gapWidths: [Int], settings: ProcessingSettings, progress: (WorkProgress) -> Void
    ) {
        guard let general = filler as? any TrainableFiller, settings.fineTunes(at: score.misfit) else { return }
        guard check.count > 0, !samples.training.isEmpty else {
            remarks.append("not fine-tuned: the scan has no gap-free region with enough signal")
            return
        }
        var steps = FineTuneTrial.usualSteps
        if settings.fineTune == .auto {
            steps = min(steps, samples.affordableSteps)
            guard steps >= FineTuneTrial.fewestSteps else {
                remarks.append(
                    "not fine-tuned: it would take more than twice the time of filling; fine_tune: always does it")
                return
            }
        }
        let trial: FineTuneTrial?
        do {
            trial = try ContinuousClock().add(to: &secondsOfFineTuning) { () throws in
                try FineTuneTrial(of: general, samples: samples, before: score, gapWidths: gapWidths, steps: steps) {
                    progress(WorkProgress(stage: "fine-tune", done: $0, total: $1))
                }
            }
        } catch {
            remarks.append("not fine-tuned: the network cannot be trained: \(error)")
            return
        }
        guard let trial else {
            remarks.append("not fine-tuned: there was nothing to learn from the scan")
            return
        }
        let gain =
            "pcc \(Self.text(score.pcc)) → \(Self.text(trial.after.pcc)) in \(trial.after.samples) hidden gaps, "
            + "\(trial.steps) steps"
        if trial.isKept {
            (filler, score, isFineTuned) = (trial.filler, trial.after, true)
            remarks.append("fine-tuned: \(gain)")
        } else {
            remarks.append("what was learnt was not kept: \(gain)")
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

/// Makes the filler that settings ask for, and reads the network that it may need.
public struct FillerFactory: Sendable {
    /// The model that is used where none is named; `nil` where none is installed.
    package let shippedModel: String?
    private let readModel: @Sendable (_ path: String) throws -> any FillerModel

    /// - Parameters:
    ///   - shippedModel: absolute path of the weights that this installation has.
    ///   - readModel: reads a file of weights; its errors name the file.
    public init(
        shippedModel: String?, readModel: @escaping @Sendable (_ path: String) throws -> any FillerModel
    ) {
        self.shippedModel = shippedModel
        self.readModel = readModel
    }

    /// With the network that ships with this program.
    public static let installed = FillerFactory(shippedModel: ShippedFiles.model) { path in
        try GapModel(contentsOf: path)
    }

    /// The filler for scans with these settings.
    ///
    /// - Throws: ``WorkerFailure`` for weights that cannot be read: with the code for wrong usage where the settings
    ///   name them.
    public func filler(for settings: ProcessingSettings) throws(WorkerFailure) -> PreparedFiller {
        guard settings.method == .network else {
            return PreparedFiller(filler: settings.method.filler(quality: settings.quality))
        }
        guard let path = settings.model ?? shippedModel else {
            return PreparedFiller(
                filler: settings.method.filler(quality: settings.quality),
                remark: "kriging instead of the network, of which none is installed")
        }
        do {
            let model = try readModel(path)
            return PreparedFiller(
                filler: settings.method.filler(quality: settings.quality, model: model),
                model: InpaintReport.Model(name: model.name, sha256: try Self.sha256(of: path)))
        } catch {
            throw WorkerFailure(
                settings.model == nil ? .internalFailure : .configuration, "the network cannot be used: \(error)")
        }
    }

    /// The hash of a file in hexadecimal digits.
    private static func sha256(of path: String) throws -> String {
        let data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        var hash = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        data.withUnsafeBytes { bytes in
            _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &hash)
        }
        return hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// A filler with what is to be recorded of it.
public struct PreparedFiller: Sendable {
    var filler: any ScanFiller
    /// `nil` where it needs none.
    var model: InpaintReport.Model?
    /// Why it is another one than was asked for.
    var remark: String?
}
