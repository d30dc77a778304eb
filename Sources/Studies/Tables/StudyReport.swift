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
