internal import Foundation

/// What a study of windows leaves behind.
///
/// Each row of the table names the `study`, the `source` and the `seed`. `table.json` holds the same rows, how the
/// windows were drawn, and for each method its mean time per window by gap width, while every core has one in work.
public struct StudyReport: StudyDocument {
    public struct Method: Sendable, Encodable {
        public var name: String
        /// Keyed by the width of the gap in pixels.
        public var millisecondsPerWindow: [String: Double]

        private enum CodingKeys: String, CodingKey {
            case name
            case millisecondsPerWindow = "milliseconds_per_window"
        }
    }

    public let study: String
    /// `simulated`, or the name of a file.
    public let source: String
    public let seed: UInt64
    /// Number of windows asked for at each width.
    public let windowsPerWidth: Int
    /// Number of crystals or scans that the windows are from.
    public let volumes: Int
    /// Share of the windows whose gap is a cross.
    public let crosses: Double
    public let widths: [Int]
    public let methods: [Method]
    /// What a reader of the table has to know, one line each.
    public let remarks: [String]
    public let figures: [String]
    public let rows: StudyTable

    private enum CodingKeys: String, CodingKey {
        case study, source, seed, volumes, crosses, widths, methods, remarks, figures, rows
        case windowsPerWidth = "windows_per_width"
    }

    /// The remarks, then mean PCC and standard error of each method over all windows, a line for each width.
    public let summary: [String]

    public let drawings: [Figure]

    /// - Parameter pictures: the names of further files that were drawn beside the table.
    public init(_ name: StudyName, of scores: WindowScores, pictures: [String] = []) {
        let scoring = scores.scoring
        study = name.rawValue
        source = scores.source
        seed = scoring.seed
        windowsPerWidth = scoring.windows
        volumes = scores.volumes
        crosses = scoring.crosses
        widths = scoring.widths
        methods = scores.methods.enumerated().map { Method(name: $1, position: $0, scores: scores) }
        remarks = scoring.widths.compactMap { width in
            let found = scores.windows.count { $0.width == width }
            return found < scoring.windows
                ? "gaps of \(width) pixels: only \(found) of \(scoring.windows) windows were found" : nil
        }
        rows = name.study.table(of: scores)
            .prefixed(by: [
                "study": .text(study), "source": .text(source), "seed": .integer(Int(truncatingIfNeeded: seed)),
            ])
        summary = remarks + Self.summary(of: scores)
        drawings = name.study.figures(of: scores)
        figures = drawings.map { "\($0.name).png" } + pictures
    }

    private static func summary(of scores: WindowScores) -> [String] {
        scores.scoring.widths.compactMap { width in
            let windows = scores.windows.filter { $0.width == width }
            let means = scores.scoredNames.enumerated().compactMap { index, method in
                MeanEstimate(pcc: index, of: windows).map { estimate in
                    let error = estimate.standardErrorOverVolumes ?? estimate.standardError
                    return String(format: "%@ %.3f", method, estimate.mean)
                        + (error.map { String(format: " ± %.3f", $0) } ?? "")
                }
            }
            return windows.isEmpty ? nil : "\(width) px, \(windows.count) windows: " + means.joined(separator: ", ")
        }
    }
}

extension StudyReport.Method {
    /// - Parameter position: in ``ScoredWindow/seconds``.
    fileprivate init(name: String, position: Int, scores: WindowScores) {
        self.name = name
        millisecondsPerWindow = [:]
        for width in scores.scoring.widths {
            let seconds = scores.windows.filter { $0.width == width }.map { $0.seconds[position] }
            guard !seconds.isEmpty else { continue }
            let mean = 1000 * seconds.reduce(0, +) / Double(seconds.count)
            millisecondsPerWindow["\(width)"] = (mean * 1000).rounded() / 1000
        }
    }
}

/// What a study leaves behind: `table.csv`, `table.json`, which is the encoded document, and figures.
public protocol StudyDocument: Encodable, Sendable {
    /// The means, and what a reader of the table has to know, for a person.
    var summary: [String] { get }
    /// The names of the figures' files.
    var figures: [String] { get }
    var rows: StudyTable { get }
    /// The figures that are drawn when the document is written.
    var drawings: [Figure] { get }
}

extension StudyDocument {
    /// Writes the table and draws the figures; what is there of the same name is replaced.
    ///
    /// - Throws: ``StudyError``
    public func write(to directory: String) async throws {
        for figure in drawings { try await Gnuplot.draw(figure, to: "\(directory)/\(figure.name).png") }
        try StudyFiles.write(Data(rows.csv.utf8), to: "\(directory)/table.csv")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try StudyFiles.write(try encoder.encode(self) + Data("\n".utf8), to: "\(directory)/table.json")
    }
}

/// The files of a study.
enum StudyFiles {
    /// Writes a file as a whole or not at all.
    static func write(_ data: Data, to path: String) throws(StudyError) {
        do {
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .notWritable(path: path, problem: error.localizedDescription)
        }
    }
}

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
        let stated = scores.reduce(into: LimitCoverage()) { $0.add($1.coverage) }.shares
        return [
            .integer(windows.count), .integer(Set(windows.map(\.volume)).count),
            .init(pcc?.mean), .init(pcc?.standardError), .init(pcc?.standardErrorOverVolumes), .init(binned),
            .init(noiseFree?.mean), .init(noiseFree?.standardError),
            method == 0 ? .missing : .init(gain?.mean), method == 0 ? .missing : .init(gain?.standardError),
            noise > 0 ? .number(error / noise) : .missing, .init(stated?.oneSigma), .init(stated?.twoSigma),
        ]
    }
}
