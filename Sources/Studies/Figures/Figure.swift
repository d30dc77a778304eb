/// A plot of means with error bars.
public struct Figure: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        public var x: Double
        public var y: Double
        /// Half the length of the error bar; 0 for none.
        public var error: Double

        init(x: Double, y: Double, error: Double) {
            self.x = x
            self.y = y
            self.error = error
        }

        /// A mean with its standard error, that over volumes where it is known.
        init(x: Double, estimate: MeanEstimate) {
            self.x = x
            y = estimate.mean
            error = estimate.standardErrorOverVolumes ?? estimate.standardError ?? 0
        }
    }

    public struct Series: Sendable, Equatable {
        public var name: String
        public var points: [Point]
    }

    /// Lines through points without error bars.
    public init(
        name: String, title: String, xLabel: String, yLabel: String, lines: [(name: String, points: [(Double, Double)])]
    ) {
        self.init(
            name: name, title: title, xLabel: xLabel, yLabel: yLabel,
            series: lines.map { line in
                Series(name: line.name, points: line.points.map { Point(x: $0.0, y: $0.1, error: 0) })
            })
    }

    init(
        name: String, title: String, xLabel: String, yLabel: String, xIsLogarithmic: Bool = false,
        yIsLogarithmic: Bool = false, series: [Series]
    ) {
        self.name = name
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.xIsLogarithmic = xIsLogarithmic
        self.yIsLogarithmic = yIsLogarithmic
        self.series = series
    }

    /// The stem of its file.
    public var name: String
    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var xIsLogarithmic = false
    public var yIsLogarithmic = false
    public var series: [Series]

    /// What gnuplot draws it from.
    func script(output: String) -> String {
        var lines = [
            "set terminal pngcairo size 960,640 font ',12'",
            "set output \(output.quotedForGnuplot)",
            "set title \(title.quotedForGnuplot)",
            "set xlabel \(xLabel.quotedForGnuplot)",
            "set ylabel \(yLabel.quotedForGnuplot)",
            "set key outside right top",
            "set grid",
        ]
        if xIsLogarithmic { lines += ["set logscale x", "set format x '10^{%T}'"] }
        if yIsLogarithmic { lines += ["set logscale y", "set format y '%g'"] }
        for (index, series) in series.enumerated() {
            lines.append("$series\(index) << END")
            lines += series.points.map { "\($0.x) \($0.y) \($0.error)" }
            lines.append("END")
        }
        let plots = series.enumerated().filter { !$0.element.points.isEmpty }.map { index, series in
            "$series\(index) with yerrorlines linewidth 2 pointtype 7 title \(series.name.quotedForGnuplot)"
        }
        if !plots.isEmpty { lines.append("plot " + plots.joined(separator: ", ")) }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String {
    /// A literal string: between single quotes gnuplot takes everything as it is, and twice a quote for one.
    var quotedForGnuplot: String { "'" + replacing("'", with: "''") + "'" }
}
