/// PCC against gap width, over all windows and by brightness, clarity and crystal family.
///
/// The paper's table 1 with every method side by side on the same voxels. Columns: `width` in pixels, `subset`,
/// `method`, and those of ``ScoreColumns``.
public struct PatchStudy: Study {
    public init() {}

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(columns: ["width", "subset", "method"] + ScoreColumns.names)
        for width in scores.scoring.widths {
            let windows = scores.windows.filter { $0.width == width }
            let subsets =
                [WindowSubset.all, .clear] + WindowSubset.brightness + WindowSubset.families(of: windows)
            for subset in subsets {
                let members = windows.filter(subset.contains)
                guard !members.isEmpty else { continue }
                for (index, method) in scores.scoredNames.enumerated() {
                    table.append(
                        [.integer(width), .text(subset.name), .text(method)]
                            + ScoreColumns.values(members, method: index))
                }
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        let series = scores.scoredNames.enumerated().map { index, method in
            Figure.Series(
                name: method,
                points: scores.scoring.widths.compactMap { width in
                    MeanEstimate(pcc: index, of: scores.windows.filter { $0.width == width }).map {
                        Figure.Point(x: Double(width), estimate: $0)
                    }
                })
        }
        return [
            Figure(
                name: "pcc-against-width", title: "\(scores.source): PCC of log(1+I) in the gap",
                xLabel: "gap width (pixels)", yLabel: "PCC", series: series)
        ]
    }
}

extension MeanEstimate {
    /// The mean PCC of one method over windows.
    init?(pcc method: Int, of windows: [ScoredWindow]) {
        self.init(windows.map { ($0.scores[method].pcc, $0.volume) })
    }
}
