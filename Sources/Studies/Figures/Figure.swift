internal import Detectors
internal import Diffraction
internal import Foundation
internal import Inpainting
internal import Subprocess
internal import Volume

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

/// The middle frame of one window as it was counted, with a gap, and as each method fills it; log(1+I).
public struct WindowPicture: Sendable {
    private struct Panel: Sendable {
        var title: String
        /// log(1+I) in row-major order; NaN where nothing is known.
        var logs: [Float]
    }

    private static let frames = 48
    private static let extent = 64
    /// Keeps the picture's place apart from all else that is random.
    private static let stream: UInt64 = 0x5354_5544_4945_5333

    private var panels: [Panel] = []

    /// - Parameters:
    ///   - width: of the hidden band of columns, in pixels.
    ///   - seed: decides the place; the first volume of the source is taken.
    /// - Throws: ``StudyError/noWindow(source:reason:)``
    public init(of source: some VolumeSource, width: Int, methods: [StudyMethod], seed: UInt64) throws(StudyError) {
        let shape = VolumeShape(frames: Self.frames, rows: Self.extent, columns: Self.extent)
        let layout = WindowLayout(width: width, axis: .column, isCross: false, shape: shape)
        let volume = source.volume(0)
        var generator = SeededGenerator(seed: seed, stream: Self.stream)
        // The second one is bright.
        let windows = WindowDraw(layouts: [layout], crosses: 0).windows(2, of: volume, using: &generator)
        guard let window = windows.last else {
            throw .noWindow(source: source.name, reason: "the picture needs \(shape) voxels with signal and no gap")
        }
        let counts = window.crop(volume.counts)
        let gapped = FrameBlock(hiding: layout, in: counts)
        add("counted", counts)
        if let noiseFree = volume.noiseFree { add("expected", window.crop(noiseFree)) }
        add("gap of \(width) pixels", counts, without: layout.hidden)
        for method in methods {
            var filled = gapped
            method.filler.fill(&filled)
            let score = WindowScore(fill: filled.data, counts: counts, hidden: layout.hidden)
            add(String(format: "%@, PCC %.3f", method.name, score.pcc), filled.data)
        }
    }

    /// Draws the slices as PNG, side by side.
    ///
    /// - Throws: ``StudyError``
    public func draw(to path: String) async throws {
        try await Gnuplot.draw(script: script(output: path), to: path)
    }

    private mutating func add(_ title: String, _ volume: Volume<Float>, without hidden: [Int] = []) {
        var logs = volume.storage[volume.range(ofFrame: Self.frames / 2)].map { log1p($0) }
        for pixel in hidden { logs[pixel] = .nan }
        panels.append(Panel(title: title, logs: logs))
    }

    private func script(output: String) -> String {
        let greatest = panels.first?.logs.max() ?? 1
        var lines = [
            "set terminal pngcairo size \(260 * panels.count),290 font ',12' background '#d0d0d0'",
            "set output \(output.quotedForGnuplot)",
            "set multiplot layout 1,\(panels.count)",
            "set palette defined (0 '#000004', 1 '#51127c', 2 '#b73779', 3 '#fc8961', 4 '#fcfdbf')",
            "set cbrange [0:\(greatest)]",
            "unset colorbox", "unset tics", "unset key", "unset border",
            "set size ratio -1",
            "set margins 0.5, 0.5, 0.5, 2",
            "set xrange [-0.5:\(Double(Self.extent) - 0.5)]",
            "set yrange [\(Double(Self.extent) - 0.5):-0.5]",
        ]
        for (index, panel) in panels.enumerated() {
            lines.append("$panel\(index) << END")
            for row in 0..<Self.extent {
                let values = panel.logs[row * Self.extent..<(row + 1) * Self.extent]
                lines.append(values.map { $0.isNaN ? "NaN" : "\($0)" }.joined(separator: " "))
            }
            lines += [
                "END", "set title \(panel.title.quotedForGnuplot)", "plot $panel\(index) matrix with image",
            ]
        }
        return lines.joined(separator: "\n") + "\nunset multiplot\n"
    }
}

/// The gnuplot program, which draws the figures in a process of its own.
public enum Gnuplot {
    /// - Throws: ``StudyError/gnuplotMissing``: better before a study than after it.
    public static func requirePresence() async throws {
        _ = try await run("", for: "gnuplot")
    }

    /// Draws a figure as PNG.
    ///
    /// - Throws: ``StudyError``
    public static func draw(_ figure: Figure, to path: String) async throws {
        try await draw(script: figure.script(output: path), to: path)
    }

    /// Lets gnuplot work through a script whose output is `path`.
    static func draw(script: String, to path: String) async throws {
        let complaint = try await run(script, for: path)
        guard FileManager.default.fileExists(atPath: path) else {
            throw StudyError.figureFailed(path: path, message: complaint)
        }
    }

    private static func run(_ script: String, for path: String) async throws -> String {
        do {
            let result = try await Subprocess.run(
                .name("gnuplot"), input: .string(script), output: .discarded, error: .string(limit: 1 << 16))
            let complaint = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            guard case .exited(0) = result.terminationStatus else {
                throw StudyError.figureFailed(path: path, message: complaint)
            }
            return complaint
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw StudyError.gnuplotMissing
        }
    }
}
