internal import Detectors
internal import Volume

/// A gap that is placed where the counts were measured, and what a filler sees around it.
///
/// It lies beside a real gap of the same width and direction.
struct HiddenGap: Hashable, Sendable {
    /// What the filler sees, within the scan.
    var box: VoxelBox
    /// What is hidden, within the frame.
    var rows: Range<Int>
    var columns: Range<Int>
    /// Across the gap, in pixels.
    var width: Int

    /// The voxels that are hidden.
    var hidden: VoxelBox { VoxelBox(frames: box.frames, rows: rows, columns: columns) }

    /// Frames of a window, and its pixels along the gap.
    static let length = 32
    /// Measured pixels between a real gap and the one placed beside it.
    static let margin = 8
    /// Pixels that are shown to the filler on each side of a hidden gap.
    static let context = 24

    /// Every place for such gaps in the frames of a scan, whatever was counted there.
    ///
    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - bands: the gaps.
    ///   - frames: number of frames of the scan.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    static func places(mask: PixelMask, bands: [GapBand], frames: Int, maximumWidth: Int) -> [HiddenGap] {
        let groups = groups(of: frames)
        return bands.filter { $0.width <= maximumWidth }
            .flatMap { places(beside: $0, within: mask.shape) }
            .filter { gap in gap.rows.allSatisfy { row in gap.columns.allSatisfy { !mask[row, $0] } } }
            .flatMap { gap in
                groups.map { frames in
                    var gap = gap
                    gap.box.frames = frames
                    return gap
                }
            }
    }

    /// The places on both sides of a gap, without frames as yet.
    private static func places(beside band: GapBand, within frame: FrameShape) -> [HiddenGap] {
        let (across, along) = band.axis == .row ? (frame.rows, frame.columns) : (frame.columns, frame.rows)
        let starts = [band.range.lowerBound - margin - band.width, band.range.upperBound + margin]
        return starts.filter { $0 > 0 && $0 + band.width < across }.flatMap { start in
            let hidden = start..<start + band.width
            let shown = max(0, hidden.lowerBound - context)..<min(across, hidden.upperBound + context)
            return stride(from: 0, through: along - length, by: length).map { first in
                let part = first..<first + length
                return band.axis == .row
                    ? HiddenGap(
                        box: VoxelBox(frames: 0..<0, rows: shown, columns: part), rows: hidden, columns: part,
                        width: band.width)
                    : HiddenGap(
                        box: VoxelBox(frames: 0..<0, rows: part, columns: shown), rows: part, columns: hidden,
                        width: band.width)
            }
        }
    }

    /// The frames of a scan in groups of equal length, all of them in one where there are few.
    private static func groups(of frames: Int) -> [Range<Int>] {
        guard frames >= length else { return frames > 0 ? [0..<frames] : [] }
        let start = frames % length / 2
        return stride(from: start, through: frames - length, by: length).map { $0..<$0 + length }
    }
}
