internal import Foundation

/// A picture of an output file for the eye: three sections through its brightest voxel, before and after.
///
/// The sections are read from the finished file, whose masks tell what was there before: of a frame everything has to
/// be decompressed for one row of it, which takes a second for 200 frames of 2164x1030 but slows no frame that is
/// being written, needs no knowledge of the peak beforehand and works for any output.
public struct PreviewPicture: Sendable {
    private let sections: PreviewSections

    /// Reads the sections.
    ///
    /// - Parameters:
    ///   - output: a file that ``InpaintedFileWriter`` wrote.
    ///   - threads: how many threads decompress; 0 stands for all processors.
    public init(readingFrom output: String, threads: Int = 0) throws(ScanFileError) {
        sections = try PreviewSections(readingFrom: output, window: Layout.panel / 2, threads: threads)
    }

    /// Writes the picture as a PNG file, under its name only when it is complete.
    ///
    /// - Parameters:
    ///   - claim: the right to the place of the output; `nil` to replace whatever lies there.
    ///   - title: the scan and its detector.
    ///   - subtitle: the method and how good it is on this scan.
    ///   - verdicts: what is said of the gaps, and how good that is.
    public func write(
        to path: String, claim: OutputClaim? = nil, title: String, subtitle: String,
        verdicts: [(text: String, emphasis: Emphasis)] = []
    ) throws(ScanFileError) {
        guard let png = draw(title: title, subtitle: subtitle, verdicts: verdicts).png() else {
            throw ScanFileError(.output, path: path, problem: "the picture does not fit into memory")
        }
        let file = try PartialFile(for: path, replacing: claim?.pictureOccupant ?? .anything)
        try file.write(png)
        try file.commit()
    }

    /// How good something is that is written on the picture.
    public enum Emphasis: Sendable {
        case good, fair, poor, unknown
    }

    // MARK: Drawing

    private enum Layout {
        /// Side of a panel at most.
        static let panel = 480
        static let margin = 24
        /// From one line of text to the next.
        static let line = 26
        static let colourBar = 18
        static let colourBarLabels = 90
    }

    private enum Palette {
        static let background = Colour(0x16181D)
        static let text = Colour(0xE8E8E8)
        static let dimText = Colour(0x9AA0A8)
        static let accent = Colour(0x6CC4FF)
        static let missing = Colour(0x7F8C8D)

        static func colour(_ emphasis: Emphasis) -> Colour {
            switch emphasis {
            case .good: Colour(0x6FCF7F)
            case .fair: Colour(0xF2C14E)
            case .poor: Colour(0xFF6B5E)
            case .unknown: dimText
            }
        }
    }

    /// A section with its place in the picture.
    private struct Panel {
        let section: PreviewSection
        let name: String
        /// Pixels of the picture for a voxel.
        let verticalScale: Int
        let horizontalScale: Int
        var height: Int { section.rows * verticalScale }
        var width: Int { section.columns * horizontalScale }
    }

    private var panels: [Panel] {
        let pixel = max(1, Layout.panel / max(sections.rows.count, sections.columns.count))
        let frame = max(1, min(8, Layout.panel / sections.frames.count))
        let (peak, rows, columns, frames) = (sections.peak, sections.rows, sections.columns, sections.frames)
        func text(_ range: Range<Int>) -> String { "\(range.lowerBound)-\(range.upperBound - 1)" }
        return [
            Panel(
                section: sections.frameSection,
                name: "frame \(peak.frame): rows \(text(rows)), columns \(text(columns))",
                verticalScale: pixel, horizontalScale: pixel),
            Panel(
                section: sections.columnSection, name: "column \(peak.column): rows by frames \(text(frames))",
                verticalScale: pixel, horizontalScale: frame),
            Panel(
                section: sections.rowSection, name: "row \(peak.row): frames \(text(frames)) by columns",
                verticalScale: frame, horizontalScale: pixel),
        ]
    }

    private func draw(title: String, subtitle: String, verdicts: [(text: String, emphasis: Emphasis)]) -> Canvas {
        let panels = panels
        let widths = panels.map { max($0.width, ($0.name.count + "before  ".count) * BitmapFont.width) }
        let height = panels.map(\.height).max() ?? 0
        let block = height + 2 * Layout.line
        let top = Layout.margin + (verdicts.isEmpty ? 2 : 3) * Layout.line + Layout.margin / 2
        let right = widths.reduce(Layout.margin) { $0 + $1 + Layout.margin }
        var canvas = Canvas(
            rows: top + 2 * block + Layout.margin / 2,
            columns: right + Layout.colourBar + Layout.colourBarLabels + Layout.margin, background: Palette.background)

        drawLegend(column: right, row: Layout.margin + Layout.line, on: &canvas)
        canvas.write(title, row: Layout.margin, column: Layout.margin, colour: Palette.text)
        canvas.write(subtitle, row: Layout.margin + Layout.line, column: Layout.margin, colour: Palette.accent)
        var place = Layout.margin
        for (text, emphasis) in verdicts {
            canvas.write(text, row: Layout.margin + 2 * Layout.line, column: place, colour: Palette.colour(emphasis))
            place += (text.count + 3) * BitmapFont.width
        }
        let scale = LogScale(maximum: panels.map(\.section.maximum).max() ?? 1)
        for (index, state) in ["before", "after"].enumerated() {
            let row = top + index * block
            var column = Layout.margin
            for (panel, width) in zip(panels, widths) {
                canvas.write(state, row: row, column: column, colour: Palette.text)
                let indent = (state.count + 2) * BitmapFont.width
                canvas.write(panel.name, row: row, column: column + indent, colour: Palette.dimText)
                draw(panel, isBefore: index == 0, scale: scale, row: row + Layout.line, column: column, on: &canvas)
                column += width + Layout.margin
            }
        }
        drawColourBar(scale, rows: top + Layout.line..<top + block + Layout.line + height, column: right, on: &canvas)
        return canvas
    }

    private func draw(
        _ panel: Panel, isBefore: Bool, scale: LogScale, row top: Int, column left: Int, on canvas: inout Canvas
    ) {
        let section = panel.section
        for row in 0..<section.rows {
            for column in 0..<section.columns {
                let voxel = row * section.columns + column
                let isMissing = section.origins[voxel] == .unusable || isBefore && section.origins[voxel] == .inpainted
                let firstRow = top + row * panel.verticalScale
                let firstColumn = left + column * panel.horizontalScale
                canvas.fill(
                    rows: firstRow..<firstRow + panel.verticalScale,
                    columns: firstColumn..<firstColumn + panel.horizontalScale,
                    with: isMissing ? Palette.missing : ColourMap.colour(scale.fraction(section.values[voxel])))
            }
        }
    }

    private func drawLegend(column: Int, row: Int, on canvas: inout Canvas) {
        canvas.fill(
            rows: row..<row + Layout.colourBar, columns: column..<column + Layout.colourBar, with: Palette.missing)
        canvas.write("no value", row: row, column: column + Layout.colourBar + 10, colour: Palette.dimText)
        canvas.write("counts", row: row + Layout.line + Layout.margin / 2, column: column, colour: Palette.dimText)
    }

    private func drawColourBar(_ scale: LogScale, rows: Range<Int>, column: Int, on canvas: inout Canvas) {
        let columns = column..<column + Layout.colourBar
        for row in rows {
            let fraction = Float(rows.upperBound - 1 - row) / Float(max(1, rows.count - 1))
            canvas.fill(rows: row..<row + 1, columns: columns, with: ColourMap.colour(fraction))
        }
        for (value, label) in scale.ticks {
            let row = rows.upperBound - 1 - Int(scale.fraction(value) * Float(rows.count - 1))
            canvas.fill(rows: row..<row + 1, columns: columns.upperBound..<columns.upperBound + 6, with: Palette.text)
            canvas.write(
                label, row: row - BitmapFont.height / 2, column: columns.upperBound + 10, colour: Palette.text)
        }
    }
}

/// Maps counts to 0...1 by log(1 + counts).
private struct LogScale {
    let maximum: Float

    func fraction(_ counts: Float) -> Float {
        counts > 0 ? logf(1 + counts) / logf(1 + maximum) : 0
    }

    /// 0 and the powers of ten.
    var ticks: [(value: Float, label: String)] {
        var ticks: [(value: Float, label: String)] = [(0, "0")]
        var power: Float = 1
        while power <= maximum {
            ticks.append((power, power < 10_000 ? "\(Int(power))" : "1e\(ticks.count - 1)"))
            power *= 10
        }
        return ticks
    }
}
