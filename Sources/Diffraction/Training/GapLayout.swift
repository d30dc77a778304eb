public import Volume

/// Which pixels of a detector image see nothing: bands across it, and rectangles; the same in all frames.
public struct GapLayout: Hashable, Sendable {
    /// Which lines of the image a band takes.
    public enum Axis: String, CaseIterable, Codable, Sendable {
        case rows
        case columns
    }

    /// One connected part of a gap, (slow = row, fast = column); nil takes the whole height or width.
    struct Part: Hashable, Sendable {
        var rows: Range<Int>?
        var columns: Range<Int>?

        /// The extent along the shorter side, which is what a filler has to bridge.
        var width: Int { min(rows?.count ?? .max, columns?.count ?? .max) }
    }

    /// What the gap consists of; parts may overlap.
    let parts: [Part]

    init(parts: [Part]) { self.parts = parts }

    /// No gap.
    public init() { self.init(parts: []) }

    /// A rectangle of pixels.
    ///
    /// - Precondition: it has some.
    public static func block(rows: Range<Int>, columns: Range<Int>) -> GapLayout {
        precondition(!rows.isEmpty && !columns.isEmpty, "an empty block")
        return GapLayout(parts: [Part(rows: rows, columns: columns)])
    }

    /// A band of `width` rows or columns from `start` on, as long as the image.
    ///
    /// - Precondition: a width of at least 1.
    public static func band(width: Int, axis: Axis, start: Int) -> GapLayout {
        precondition(width >= 1, "a gap of \(width) pixels")
        let lines = start..<start + width
        return GapLayout(parts: [axis == .rows ? Part(rows: lines) : Part(columns: lines)])
    }

    /// A band in the middle of an image; what cannot be halved evenly goes to the end.
    ///
    /// - Precondition: a width of at least 1.
    public static func centredBand(width: Int, axis: Axis, in shape: FrameShape) -> GapLayout {
        band(width: width, axis: axis, start: shape.extent(along: axis) / 2 - width / 2)
    }

    /// Both gaps at once.
    public func union(_ other: GapLayout) -> GapLayout { GapLayout(parts: parts + other.parts) }

    /// The width of the widest part, along its shorter side; 0 where there is none.
    public var width: Int { parts.map(\.width).max() ?? 0 }

    /// The mask of an image; what lies outside of it is ignored.
    public func mask(in shape: FrameShape) -> PixelMask {
        var mask = PixelMask(shape: shape)
        for part in parts { mask.mask(rows: part.rows ?? 0..<shape.rows, columns: part.columns ?? 0..<shape.columns) }
        return mask
    }
}

extension FrameShape {
    /// The number of rows or of columns.
    func extent(along axis: GapLayout.Axis) -> Int { axis == .rows ? rows : columns }
}

extension GapLayout {
    /// The kinds of gaps that a filler is trained for.
    public enum Class: String, CaseIterable, Codable, Sendable {
        /// Bands of 1 to 14 pixels, alone, parallel or crossing.
        case narrow
        /// Bands of 15 to 44 pixels, some with a narrow one across; at least 16 pixels are measured on both sides.
        case wide
        /// Blocks, short lines and single pixels, some with a narrow band.
        case irregular
        /// Bands of 3, 6, 9 or 12 columns anywhere, one in five crossed by as many rows: those of the thesis.
        case seams
    }

    /// Seams of real detectors in pixels, and the widths on which fillers are compared.
    private static let commonNarrow = [3, 4, 6, 6, 9, 10, 12, 12]
    /// Those between the modules of Eiger detectors and their like.
    private static let commonWide = [17, 36, 37, 38, 41]
    /// The least that is measured beside a wide band.
    private static let wideMargin = 16

    /// A random layout of one kind.
    ///
    /// - Precondition: images of at least 16x16 pixels; for wide bands one side has at least 47.
    public static func random(
        using generator: inout SeededGenerator, in shape: FrameShape, class kind: Class
    ) -> GapLayout {
        precondition(min(shape.rows, shape.columns) >= 16, "no room for gaps in an image of \(shape)")
        return switch kind {
        case .narrow: narrow(using: &generator, in: shape)
        case .wide: wide(using: &generator, in: shape)
        case .irregular: irregular(using: &generator, in: shape)
        case .seams: seams(using: &generator, in: shape)
        }
    }

    private static func narrow(using generator: inout SeededGenerator, in shape: FrameShape) -> GapLayout {
        let axis: Axis = generator.happens(0.5) ? .rows : .columns
        switch generator.uniform() {
        case ..<0.7: return narrowBand(along: axis, using: &generator, in: shape)
        case ..<0.92:
            let other = narrowBand(along: axis.other, using: &generator, in: shape)
            return narrowBand(along: axis, using: &generator, in: shape).union(other)
        default:
            // So narrow that half of the lines are measured.
            let widest = shape.extent(along: axis) / 4
            let other = narrowBand(along: axis, widest: widest, using: &generator, in: shape)
            return narrowBand(along: axis, widest: widest, using: &generator, in: shape).union(other)
        }
    }

    /// Half of them in the middle, the others anywhere with some lines measured on both sides.
    private static func narrowBand(
        along axis: Axis, widest: Int = 14, using generator: inout SeededGenerator, in shape: FrameShape
    ) -> GapLayout {
        let extent = shape.extent(along: axis)
        let widest = min(widest, extent / 2)
        let common = commonNarrow[generator.integer(in: 0...commonNarrow.count - 1)]
        let width = min(widest, generator.happens(0.4) ? common : generator.integer(in: 1...widest))
        if generator.happens(0.5) { return centredBand(width: width, axis: axis, in: shape) }
        return band(width: width, axis: axis, start: generator.integer(in: 3...extent - width - 3))
    }

    private static func wide(using generator: inout SeededGenerator, in shape: FrameShape) -> GapLayout {
        let needed = 2 * wideMargin + 15
        let axes = Axis.allCases.filter { shape.extent(along: $0) >= needed }
        precondition(!axes.isEmpty, "no room for a gap of 15 pixels in an image of \(shape)")
        let axis = axes[generator.integer(in: 0...axes.count - 1)]
        let extent = shape.extent(along: axis)
        let widest = min(44, extent - 2 * wideMargin)
        let common = commonWide.filter { $0 <= widest }
        let width =
            !common.isEmpty && generator.happens(0.5)
            ? common[generator.integer(in: 0...common.count - 1)] : generator.integer(in: 15...widest)
        let start =
            generator.happens(0.5)
            ? extent / 2 - width / 2 : generator.integer(in: wideMargin...extent - width - wideMargin)
        let band = band(width: width, axis: axis, start: start)
        guard generator.happens(0.2) else { return band }
        return band.union(narrowBand(along: axis.other, using: &generator, in: shape))
    }

    private static func seams(using generator: inout SeededGenerator, in shape: FrameShape) -> GapLayout {
        let width = 3 * generator.integer(in: 1...4)
        func seam(_ axis: Axis) -> GapLayout {
            band(width: width, axis: axis, start: generator.integer(in: 1...shape.extent(along: axis) - width - 1))
        }
        let columns = seam(.columns)
        return generator.happens(0.2) ? columns.union(seam(.rows)) : columns
    }

    private static func irregular(using generator: inout SeededGenerator, in shape: FrameShape) -> GapLayout {
        let defects = (0..<generator.integer(in: 1...8)).map { _ in defect(using: &generator, in: shape) }
        let layout = defects.reduce(GapLayout()) { $0.union($1) }
        guard generator.happens(0.25) else { return layout }
        return layout.union(narrowBand(along: generator.happens(0.5) ? .rows : .columns, using: &generator, in: shape))
    }

    /// A single pixel, a short line or a block.
    private static func defect(using generator: inout SeededGenerator, in shape: FrameShape) -> GapLayout {
        let (height, width): (ClosedRange<Int>, ClosedRange<Int>) =
            switch generator.uniform() {
            case ..<0.4: (1...1, 1...1)
            case ..<0.55: (1...2, 3...shape.columns / 2)
            case ..<0.7: (3...shape.rows / 2, 1...2)
            default: (2...min(12, shape.rows / 3), 2...min(12, shape.columns / 3))
            }
        let (rows, columns) = (generator.integer(in: height), generator.integer(in: width))
        let row = generator.integer(in: 0...shape.rows - rows)
        let column = generator.integer(in: 0...shape.columns - columns)
        return .block(rows: row..<row + rows, columns: column..<column + columns)
    }
}

extension GapLayout.Axis {
    /// The direction across.
    var other: GapLayout.Axis { self == .rows ? .columns : .rows }
}
