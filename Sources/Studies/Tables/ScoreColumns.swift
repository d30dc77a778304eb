/// The columns that sum up the scores of some windows.
///
/// | column | meaning |
/// |---|---|
/// | `windows`, `volumes` | how many, and from how many crystals or scans they are |
/// | `pcc` | Pearson correlation of log(1+I) over the hidden voxels, fill against photons counted; mean over the windows |
/// | `pcc_se` | its standard error as if the windows were independent |
/// | `pcc_se_volumes` | its standard error with windows of the same volume taken as alike |
/// | `pcc_binned` | the paper's average: the mean over 20 bins of log mean counts of the mean in each |
/// | `pcc_noise_free`, `pcc_noise_free_se` | the same correlation with the photons expected; simulated windows only |
/// | `gain`, `gain_se` | mean difference in PCC, window by window, from the first method; and its standard error |
/// | `misfit` | squared error of log(1+I) over what photon noise would give if the fill were the truth; 1 is the limit |
/// | `within_1_sigma`, `within_2_sigma` | share of the hidden voxels within 1 and 2 stated uncertainties of the counts |
enum ScoreColumns {
    static let names = [
        "windows", "volumes", "pcc", "pcc_se", "pcc_se_volumes", "pcc_binned", "pcc_noise_free", "pcc_noise_free_se",
        "gain", "gain_se", "misfit", "within_1_sigma", "within_2_sigma",
    ]

    /// The values for one method.
    ///
    /// - Parameter method: its position in ``ScoredWindow/scores``.
    static func values(_ windows: [ScoredWindow], method: Int) -> [StudyTable.Value] {
        func mean(_ value: (ScoredWindow) -> Double?) -> MeanEstimate? {
            MeanEstimate(windows.compactMap { window in value(window).map { ($0, window.volume) } })
        }
        let scores = windows.map { $0.scores[method] }
        let pcc = mean { $0.scores[method].pcc }
        let noiseFree = mean { $0.scores[method].pccNoiseFree }
        let gain = mean { $0.scores[method].pcc - $0.scores[0].pcc }
        let binned = IntensityBins.meanOfBinMeans(windows.map { ($0.scores[method].pcc, $0.meanCounts) })
        let noise = scores.reduce(0) { $0 + $1.photonNoise }
        let error = scores.reduce(0) { $0 + $1.squaredError }
        let stated = scores.reduce(0) { $0 + $1.statedVoxels }
        func share(_ count: KeyPath<WindowScore, Int>) -> StudyTable.Value {
            stated > 0 ? .number(Double(scores.reduce(0) { $0 + $1[keyPath: count] }) / Double(stated)) : .missing
        }
        return [
            .integer(windows.count), .integer(Set(windows.map(\.volume)).count),
            .init(pcc?.mean), .init(pcc?.standardError), .init(pcc?.standardErrorOverVolumes), .init(binned),
            .init(noiseFree?.mean), .init(noiseFree?.standardError),
            method == 0 ? .missing : .init(gain?.mean), method == 0 ? .missing : .init(gain?.standardError),
            noise > 0 ? .number(error / noise) : .missing, share(\.withinOneSigma), share(\.withinTwoSigma),
        ]
    }
}
