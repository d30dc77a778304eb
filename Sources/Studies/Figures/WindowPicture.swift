internal import Detectors
internal import Diffraction
internal import Foundation
internal import Inpainting
internal import Volume

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
