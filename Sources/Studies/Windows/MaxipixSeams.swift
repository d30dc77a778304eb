internal import Detectors
internal import Inpainting
internal import Volume

/// The seams of a MAXIPIX, which has no dead area: the pixels on both sides are as wide as three and hold their sums.
enum MaxipixSeams {
    /// Of a seam with its wide pixels.
    static let width = 6
    /// How many pixels a wide one covers.
    private static let factor = 3

    /// The pixels of a frame that are measured together.
    ///
    /// - Parameters:
    ///   - rows: of a seam, ``width`` of them; `nil` for none.
    ///   - columns: likewise.
    static func sums(rows: Range<Int>?, columns: Range<Int>?, frame: FrameShape) -> SummedPixels {
        let seams = [(LineAxis.row, rows), (.column, columns)]
        let lines = seams.flatMap { axis, range -> [EdgePixels.Line] in
            guard let range else { return [] }
            let (first, end) = (range.lowerBound, range.upperBound)
            return [
                EdgePixels.Line(axis: axis, index: first, covers: first..<first + factor),
                EdgePixels.Line(axis: axis, index: end - 1, covers: end - factor..<end),
            ]
        }
        return SummedPixels(
            EdgePixels(factor: factor, lines: lines), frame: frame, unusable: PixelMask(shape: frame))
    }
}
