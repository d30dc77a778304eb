internal import Inpainting
internal import Volume

/// A gap that is put into a whole pattern, beside its Bragg peak.
public struct RealSpaceGap: Sendable, Hashable {
    public enum Form: String, Sendable, CaseIterable {
        /// One band of columns.
        case band
        /// A band of rows and one of columns.
        case cross
        /// A cross of MAXIPIX seams, whose wide pixels hold the sums of three.
        case seams
    }

    public var form: Form
    /// In pixels.
    public var width: Int
    /// Pixels between the Bragg peak and the nearest line of the gap.
    public var distance: Int

    /// Whether a frame holds the gap with measured pixels around it.
    func fits(_ frame: FrameShape) -> Bool {
        [frame.rows, frame.columns].allSatisfy { $0 / 2 + distance + width < $0 }
    }

    /// What a filler is told about each frame; the peak is in its middle.
    func plan(for frame: FrameShape) -> GapPlan {
        let rows = frame.rows / 2 + distance..<frame.rows / 2 + distance + width
        let columns = frame.columns / 2 + distance..<frame.columns / 2 + distance + width
        var mask = PixelMask(shape: frame)
        mask.mask(columns: columns)
        if form != .band { mask.mask(rows: rows) }
        guard form == .seams else { return GapPlan(mask: mask, maximumWidth: width) }
        let sums = MaxipixSeams.sums(rows: rows, columns: columns, frame: frame)
        return GapPlan(mask: mask, maximumWidth: width, sums: sums)
    }
}
