/// What Lima did to the raw image before saving it, in Lima's order: binning, flip, rotation, then the region of interest.
///
/// Lima records these as `image_operation/{binning,flipping,rotation,region_of_interest}` beside the frames. The order and
/// the sense of rotation are those of Lima's `SoftOpInternalMgr` and `SizeUtils.h`; a flip or a region that the hardware
/// did is recorded in the same terms.
public struct ImageOperations: Hashable, Sendable, Codable {
    /// A rectangle of the binned, flipped and rotated image, in pixels.
    public struct Region: Hashable, Sendable, Codable {
        public var firstRow: Int
        public var firstColumn: Int
        public var rows: Int
        public var columns: Int

        public init(firstRow: Int, firstColumn: Int, rows: Int, columns: Int) {
            self.firstRow = firstRow
            self.firstColumn = firstColumn
            self.rows = rows
            self.columns = columns
        }
    }

    /// Raw pixels per saved pixel along the rows axis of the saved image (Lima's y), which after a rotation by 90 or 270
    /// degrees is the columns axis of the raw image. Pixels that do not fill a bin are dropped at the far end.
    public var rowBinning = 1
    /// Raw pixels per saved pixel along the columns axis of the saved image (Lima's x).
    public var columnBinning = 1
    /// The image was mirrored top to bottom (Lima's `flip y`).
    public var flippedRows = false
    /// The image was mirrored left to right (Lima's `flip x`).
    public var flippedColumns = false
    /// Clockwise rotation in degrees: 0, 90, 180 or 270.
    public var rotationDegrees = 0
    /// The part of the image that was saved; `nil` when all of it was.
    public var region: Region?

    public init() {}

    /// True when the saved image is the raw image.
    public var isIdentity: Bool { self == ImageOperations() }
}

extension ImageOperations: CustomStringConvertible {
    /// E.g. “binning 2x2, rotation 90°”; empty when nothing was done.
    public var description: String {
        var parts: [String] = []
        if rowBinning != 1 || columnBinning != 1 { parts.append("binning \(rowBinning)x\(columnBinning)") }
        if flippedRows { parts.append("rows flipped") }
        if flippedColumns { parts.append("columns flipped") }
        if rotationDegrees != 0 { parts.append("rotation \(rotationDegrees)°") }
        if let region {
            let rows = "\(region.firstRow):\(region.firstRow + region.rows)"
            parts.append("region [\(rows), \(region.firstColumn):\(region.firstColumn + region.columns)]")
        }
        return parts.joined(separator: ", ")
    }
}
