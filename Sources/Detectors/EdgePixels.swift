/// The enlarged pixels along the seams of one continuous sensor: they count what several pixels would have counted.
///
/// MAXIPIX: the line of pixels on either side of a seam is 165 um wide, three times the others. With Lima's raw fill mode
/// such a line holds the sum of three lines of the image, of which two are empty.
public struct EdgePixels: Hashable, Sendable {
    /// What to do with the sums.
    public enum Use: String, Hashable, Sendable, Codable, CaseIterable {
        /// Use them where the data show that they are sums.
        case auto
        /// Treat the lines as part of the gap.
        case mask
    }

    /// One line of sums.
    public struct Line: Hashable, Sendable {
        public var axis: LineAxis
        /// The row or column that holds the sums.
        public var index: Int
        /// The lines whose counts it sums, itself included.
        public var covers: Range<Int>

        public init(axis: LineAxis, index: Int, covers: Range<Int>) {
            self.axis = axis
            self.index = index
            self.covers = covers
        }
    }

    /// Width of such a pixel in pixels: the number of lines that one line sums.
    public var factor: Int
    public var lines: [Line]

    public init(factor: Int, lines: [Line]) {
        self.factor = factor
        self.lines = lines
    }
}

extension EdgePixels.Line {
    /// The two lines beside a gap, each of which covers `factor` lines: itself and the nearest of the gap.
    static func beside(_ gap: GapBand, factor: Int) -> [EdgePixels.Line] {
        let before = gap.range.lowerBound - 1
        let after = gap.range.upperBound
        return [
            EdgePixels.Line(axis: gap.axis, index: before, covers: before..<before + factor),
            EdgePixels.Line(axis: gap.axis, index: after, covers: after + 1 - factor..<after + 1),
        ]
    }
}
