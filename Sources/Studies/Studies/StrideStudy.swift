/// Time and error of a whole volume against the pixels that the paper's network skips from patch to patch.
///
/// The thesis' figure 4.13; methods that skip none stand beside it. Columns: `width` in pixels, `method`, `skipped` in
/// pixels, `seconds` per volume on all cores, and those of ``ScoreColumns``, whose `misfit` is the error.
public struct StrideStudy: Study {
    /// What the figures call the methods that skip pixels, all one network.
    fileprivate static let rival = "paper"

    public init() {}

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(columns: ["width", "method", "skipped", "seconds"] + ScoreColumns.names)
        for width in scores.scoring.widths {
            let windows = scores.windows.filter { $0.width == width }
            for (index, name) in scores.scoredNames.enumerated() {
                let skipped = scores.scoring.skippedPixels(ofMethod: index)
                table.append(
                    [
                        .integer(width), .text(name), skipped.map { .integer($0) } ?? .missing,
                        .init(windows.meanSeconds(ofMethod: index)),
                    ] + ScoreColumns.values(windows, method: index))
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        scores.scoring.widths.flatMap { width in
            let windows = scores.windows.filter { $0.width == width }
            let title = "\(scores.source): volumes with a gap of \(width) pixels"
            return [
                Figure(
                    name: "time-against-skipped-\(width)px", title: title, yLabel: "seconds per volume",
                    yIsLogarithmic: true, of: scores
                ) { windows.meanSeconds(ofMethod: $0) },
                Figure(
                    name: "error-against-skipped-\(width)px", title: title,
                    yLabel: "squared error of log(1+I) over photon noise", yIsLogarithmic: false, of: scores
                ) { windows.misfit(ofMethod: $0) },
            ]
        }
    }
}

extension Figure {
    /// A line for what skips pixels, and a level one for each method that skips none.
    ///
    /// - Parameter value: of a method by its position; `nil` leaves it out.
    fileprivate init(
        name: String, title: String, yLabel: String, yIsLogarithmic: Bool, of scores: WindowScores,
        value: (_ method: Int) -> Double?
    ) {
        var skipping = Series(name: StrideStudy.rival, points: [])
        var level: [(name: String, value: Double)] = []
        for (index, method) in scores.scoredNames.enumerated() {
            guard let value = value(index) else { continue }
            if let skipped = scores.scoring.skippedPixels(ofMethod: index) {
                skipping.points.append(Point(x: Double(skipped), y: value, error: 0))
            } else {
                level.append((method, value))
            }
        }
        skipping.points.sort { $0.x < $1.x }
        let ends = [skipping.points.first?.x ?? 0, skipping.points.last?.x ?? 1]
        self.init(
            name: name, title: title, xLabel: "pixels skipped from patch to patch", yLabel: yLabel,
            series: [skipping]
                + level.map { line in
                    Series(name: line.name, points: ends.map { Point(x: $0, y: line.value, error: 0) })
                })
        self.yIsLogarithmic = yIsLogarithmic
    }
}

extension WindowScoring {
    /// - Parameter method: its position; that of the oracle comes last.
    fileprivate func skippedPixels(ofMethod method: Int) -> Int? {
        methods.indices.contains(method) ? methods[method].skippedPixels : nil
    }
}

extension [ScoredWindow] {
    /// `nil` for the oracle, which takes no time.
    fileprivate func meanSeconds(ofMethod method: Int) -> Double? {
        let seconds = compactMap { $0.seconds.indices.contains(method) ? $0.seconds[method] : nil }
        return seconds.isEmpty ? nil : seconds.reduce(0, +) / Double(seconds.count)
    }

    /// Squared error over what photon noise would give if the fill were the truth.
    fileprivate func misfit(ofMethod method: Int) -> Double? {
        let noise = reduce(0) { $0 + $1.scores[method].photonNoise }
        return noise > 0 ? reduce(0) { $0 + $1.scores[method].squaredError } / noise : nil
    }
}
