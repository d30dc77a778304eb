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
