/// A study that sorts the windows of each gap width into bins of one quantity.
///
/// Columns of its table: `width` in pixels, those of the bin, `method`, and those of ``ScoreColumns``. A figure for each
/// width shows PCC against the quantity.
protocol BinnedStudy: Study {
    /// What describes a bin, in the order of ``WindowBin/values``.
    var binColumns: [String] { get }
    /// The stem of the figures' names, after which comes the width.
    var figureName: String { get }
    var xLabel: String { get }
    var xIsLogarithmic: Bool { get }

    /// The bins that hold windows of a width, in ascending order.
    func bins(of scores: WindowScores, width: Int) -> [WindowBin]
}

/// Windows that are alike in the quantity of a study.
struct WindowBin: Sendable {
    var values: [StudyTable.Value]
    /// Where the bin stands in a figure.
    var middle: Double
    var windows: [ScoredWindow]

    /// Windows in bins of equal width that begin at 0; bins that hold none are left out.
    ///
    /// - Parameter quantity: at least 0; windows for which it is `nil` are in no bin.
    static func even(
        _ windows: [ScoredWindow], width: Double, by quantity: (ScoredWindow) -> Double?
    ) -> [WindowBin] {
        var groups: [Int: [ScoredWindow]] = [:]
        for window in windows {
            guard let value = quantity(window) else { continue }
            groups[Int(value / width), default: []].append(window)
        }
        return groups.sorted { $0.key < $1.key }.map { bin, windows in
            let (start, end) = (Double(bin) * width, Double(bin + 1) * width)
            return WindowBin(values: [.number(start), .number(end)], middle: (start + end) / 2, windows: windows)
        }
    }
}

extension BinnedStudy {
    var xIsLogarithmic: Bool { false }

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(columns: ["width"] + binColumns + ["method"] + ScoreColumns.names)
        for width in scores.scoring.widths {
            for bin in bins(of: scores, width: width) {
                for (index, method) in scores.scoredNames.enumerated() {
                    table.append(
                        [.integer(width)] + bin.values + [.text(method)]
                            + ScoreColumns.values(bin.windows, method: index))
                }
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        scores.scoring.widths.map { width in
            let bins = bins(of: scores, width: width)
            let series = scores.scoredNames.enumerated().map { index, method in
                Figure.Series(
                    name: method,
                    points: bins.compactMap { bin in
                        MeanEstimate(pcc: index, of: bin.windows).map { Figure.Point(x: bin.middle, estimate: $0) }
                    })
            }
            return Figure(
                name: "\(figureName)-\(width)px", title: "\(scores.source): gaps of \(width) pixels", xLabel: xLabel,
                yLabel: "PCC", xIsLogarithmic: xIsLogarithmic, series: series)
        }
    }
}
