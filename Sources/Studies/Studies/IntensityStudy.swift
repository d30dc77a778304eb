/// PCC against the brightness of a window, in 20 bins of its log mean counts, for each gap width.
///
/// The paper's figure 5. Columns: `width` in pixels, `bin`, `mean_counts` in its middle, `method`, and those of
/// ``ScoreColumns``. The bins span all windows of the run.
public struct IntensityStudy: Study {
    public init() {}

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(columns: ["width", "bin", "mean_counts", "method"] + ScoreColumns.names)
        guard let bins = IntensityBins(meanCounts: scores.windows.map(\.meanCounts)) else { return table }
        for width in scores.scoring.widths {
            for (bin, windows) in Self.binned(scores, width: width, bins: bins) {
                for (index, method) in scores.scoredNames.enumerated() {
                    table.append(
                        [.integer(width), .integer(bin), .number(bins.middle(of: bin)), .text(method)]
                            + ScoreColumns.values(windows, method: index))
                }
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        guard let bins = IntensityBins(meanCounts: scores.windows.map(\.meanCounts)) else { return [] }
        return scores.scoring.widths.map { width in
            let binned = Self.binned(scores, width: width, bins: bins)
            let series = scores.scoredNames.enumerated().map { index, method in
                Figure.Series(
                    name: method,
                    points: binned.compactMap { bin, windows in
                        MeanEstimate(pcc: index, of: windows).map {
                            Figure.Point(x: bins.middle(of: bin), estimate: $0)
                        }
                    })
            }
            return Figure(
                name: "pcc-against-counts-\(width)px", title: "\(scores.source): gaps of \(width) pixels",
                xLabel: "mean counts of the window", yLabel: "PCC", xIsLogarithmic: true, series: series)
        }
    }

    /// The windows of a width in the bins that hold any.
    private static func binned(
        _ scores: WindowScores, width: Int, bins: IntensityBins
    ) -> [(bin: Int, windows: [ScoredWindow])] {
        let groups = Dictionary(grouping: scores.windows.filter { $0.width == width }) {
            bins.bin(ofMeanCounts: $0.meanCounts)
        }
        return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
