internal import Detectors
internal import Diffraction
internal import Volume

/// What a detector makes of the photons that fall on an even grid of pixels, and which part of it is saved.
///
/// It looks at a window of the detector that is a little larger than the saved region where a seam lies on its border:
/// a wide pixel counts all that falls on it.
struct DetectorRecord: Sendable {
    /// The part of the detector that must be known, and the part that is saved.
    let window: (rows: Range<Int>, columns: Range<Int>)
    let saved: (rows: Range<Int>, columns: Range<Int>)

    private let seams: ChipSeams
    private let fill: SeamFill
    /// Pixels of the window that count nothing.
    private let blind: PixelMask
    /// What these hold.
    private let flag: UInt32

    init(of detector: Detector, saved: (rows: Range<Int>, columns: Range<Int>), fill: SeamFill, flag: UInt32) {
        self.saved = saved
        self.fill = fill
        self.flag = flag
        let rowSeams = detector.countingSeams(.row)
        let columnSeams = detector.countingSeams(.column)
        let rows = Self.widen(saved.rows, around: rowSeams)
        let columns = Self.widen(saved.columns, around: columnSeams)
        window = (rows, columns)
        seams = ChipSeams(
            rows: rowSeams.filter(rows.overlaps).map { $0.moved(by: -rows.lowerBound) },
            columns: columnSeams.filter(columns.overlaps).map { $0.moved(by: -columns.lowerBound) })
        let isSeamed = !rowSeams.isEmpty || !columnSeams.isEmpty
        let mask = isSeamed ? detector.badMask : detector.mask(.bare)
        blind = mask.cropped(rows: rows, columns: columns)
    }

    var windowShape: FrameShape { FrameShape(rows: window.rows.count, columns: window.columns.count) }
    var savedShape: FrameShape { FrameShape(rows: saved.rows.count, columns: saved.columns.count) }

    /// The frame as saved, for the counts on the window.
    func record(_ counts: [UInt32]) -> [UInt32] {
        crop(blind.blinded(seams.record(counts, shape: windowShape, fill: fill), flag: flag))
    }

    /// The saved part of the window.
    func crop<Element>(_ values: [Element]) -> [Element] {
        guard windowShape != savedShape else { return values }
        let firstRow = saved.rows.lowerBound - window.rows.lowerBound
        let firstColumn = saved.columns.lowerBound - window.columns.lowerBound
        return (firstRow..<firstRow + saved.rows.count).flatMap { row in
            let start = row * window.columns.count + firstColumn
            return values[start..<start + saved.columns.count]
        }
    }

    private static func widen(_ saved: Range<Int>, around seams: [Range<Int>]) -> Range<Int> {
        seams.reduce(saved) { window, seam in
            let wide = seam.lowerBound - 1..<seam.upperBound + 1
            guard wide.overlaps(window) else { return window }
            return min(window.lowerBound, wide.lowerBound)..<max(window.upperBound, wide.upperBound)
        }
    }
}

extension Detector {
    /// The lines between each pair of lines of wide pixels, where these cover all of them.
    fileprivate func countingSeams(_ axis: LineAxis) -> [Range<Int>] {
        guard let edgePixels else { return [] }
        let lines = edgePixels.lines.filter { $0.axis == axis }.sorted { $0.index < $1.index }
        return stride(from: 0, to: lines.count - 1, by: 2).compactMap { position in
            let (before, after) = (lines[position], lines[position + 1])
            guard before.covers.upperBound == after.covers.lowerBound else { return nil }
            return before.index + 1..<after.index
        }
    }
}

extension Range<Int> {
    fileprivate func moved(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}

extension PixelMask {
    /// A rectangle of the mask.
    func cropped(rows: Range<Int>, columns: Range<Int>) -> PixelMask {
        var mask = PixelMask(shape: FrameShape(rows: rows.count, columns: columns.count))
        for row in rows {
            for column in columns {
                mask[row - rows.lowerBound, column - columns.lowerBound] = self[row, column]
            }
        }
        return mask
    }
}

extension DetectorIdentity {
    /// How acquisitions name a detector.
    ///
    /// - Parameter name: what the beamline calls it; `nil` takes a short name by which it is known, e.g. `mpx1x4`.
    init(_ detector: Detector, name: String?) {
        let words = detector.description.split(separator: " ", maxSplits: 1).map(String.init)
        let isMaxipix = detector.edgePixels != nil && words.first == "MAXIPIX"
        self.init(
            name: name ?? detector.beamlineName,
            type: words.first ?? detector.name,
            model: isMaxipix ? detector.maxipixModel : words.last ?? detector.name,
            description: detector.description.isEmpty ? detector.name : detector.description,
            shape: detector.shape,
            rowPitchMetres: detector.pixelSizeMetres.slow,
            columnPitchMetres: detector.pixelSizeMetres.fast)
    }
}

extension Detector {
    /// Its first nickname that can be a BLISS name, e.g. `mpx1x4`, or the name it is listed under.
    ///
    /// What begins like the name it is listed under is the name of a family, e.g. `pilatus3`.
    fileprivate var beamlineName: String {
        let nickname = names.first { other in
            other.allSatisfy { $0.isLetter || $0.isNumber } && other.contains(where: \.isNumber)
                && !name.hasPrefix(other.prefix(5))
        }
        return nickname ?? String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// As Lima's MAXIPIX plug-in builds it: chips, gap and chip type, e.g. `2x2(gap:4x4)-TPX1`.
    fileprivate var maxipixModel: String {
        guard let modules else { return description }
        let rows = (shape.rows + modules.gap.rows) / (modules.size.rows + modules.gap.rows)
        let columns = (shape.columns + modules.gap.columns) / (modules.size.columns + modules.gap.columns)
        return "\(columns)x\(rows)(gap:\(modules.gap.columns)x\(modules.gap.rows))-TPX1"
    }
}
