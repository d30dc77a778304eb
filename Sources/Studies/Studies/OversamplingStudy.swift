internal import Volume

/// PCC against the pixels per fringe across the gap, for each gap width; for simulated crystals, whose is known.
///
/// The paper's figure 6. Columns: `width` in pixels, `oversampling_from` and `oversampling_to`, the smallest of the
/// three axes, `method`, and those of ``ScoreColumns``.
public struct OversamplingStudy: Study {
    /// The bins, in pixels per fringe.
    private static let bins = (2..<7).map { Double($0)..<Double($0 + 1) }

    public init() {}

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(
            columns: ["width", "oversampling_from", "oversampling_to", "method"] + ScoreColumns.names)
        for width in scores.scoring.widths {
            for (bin, windows) in Self.binned(scores, width: width) {
                for (index, method) in scores.scoredNames.enumerated() {
                    table.append(
                        [.integer(width), .number(bin.lowerBound), .number(bin.upperBound), .text(method)]
                            + ScoreColumns.values(windows, method: index))
                }
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        scores.scoring.widths.map { width in
            let binned = Self.binned(scores, width: width)
            let series = scores.scoredNames.enumerated().map { index, method in
                Figure.Series(
                    name: method,
                    points: binned.compactMap { bin, windows in
                        MeanEstimate(pcc: index, of: windows).map {
                            Figure.Point(x: (bin.lowerBound + bin.upperBound) / 2, estimate: $0)
                        }
                    })
            }
            return Figure(
                name: "pcc-against-oversampling-\(width)px", title: "\(scores.source): gaps of \(width) pixels",
                xLabel: "pixels per fringe (least of three axes)", yLabel: "PCC", series: series)
        }
    }

    private static func binned(
        _ scores: WindowScores, width: Int
    ) -> [(bin: Range<Double>, windows: [ScoredWindow])] {
        let windows = scores.windows.filter { $0.width == width }
        return bins.compactMap { bin in
            let members = windows.filter { $0.traits.map { bin.contains($0.oversampling.min()) } ?? false }
            return members.isEmpty ? nil : (bin, members)
        }
    }
}
