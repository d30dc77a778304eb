public import Volume

/// Which masked pixels of a frame can be filled, and between which neighbours each of them lies.
///
/// A masked pixel is reached along the row or along the column on which its gap is narrower, between the last pixel
/// before and the first pixel after the gap; both, where they are equally wide. Where two gaps cross, neither side of
/// the crossing is known at first; it follows in a later round, between pixels that were filled in an earlier one.
/// A gap that touches the border of the frame, or is wider than allowed, is not filled.
public final class GapPlan: Sendable {
    /// One masked pixel and the lines on which it is interpolated.
    struct Step: Sendable {
        /// Position of the pixel in its frame, row-major.
        var pixel: Int
        /// The gap along the row, as columns, when the pixel is reached along it.
        var columns: Range<Int>?
        /// The gap along the column, as rows, when the pixel is reached along it.
        var rows: Range<Int>?
    }

    /// The pixels that were not measured.
    public let mask: PixelMask
    /// The pixels that are to be filled.
    public let fillable: PixelMask
    /// The pixels that stay unusable: masked, and not to be filled.
    public let unfillable: PixelMask
    /// Fillable pixels that were measured together; `nil` where nothing was measured in the gaps.
    public let sums: SummedPixels?
    /// The steps in an order in which each one depends only on measured pixels and on earlier rounds.
    let rounds: [[Step]]

    /// - Parameters:
    ///   - maximumWidth: the widest gap to be filled, in pixels.
    ///   - sums: masked pixels that were measured together; groups that are not to be filled as a whole are left out.
    public init(mask: PixelMask, maximumWidth: Int, sums: SummedPixels? = nil) {
        var unknown = mask
        var rounds: [[Step]] = []
        while true {
            let steps = Self.round(unknown: unknown, maximumWidth: maximumWidth)
            if steps.isEmpty { break }
            rounds.append(steps)
            for step in steps { unknown.storage[step.pixel] = false }
        }
        var fillable = PixelMask(shape: mask.shape)
        for step in rounds.joined() { fillable.storage[step.pixel] = true }
        self.mask = mask
        self.fillable = fillable
        unfillable = unknown
        self.sums = sums?.within(fillable)
        self.rounds = rounds
        fillableCount = rounds.reduce(0) { $0 + $1.count }
        unfillableCount = unknown.maskedCount
    }

    /// Number of pixels that are to be filled in each frame.
    public let fillableCount: Int
    /// Number of masked pixels that stay as they are in each frame.
    public let unfillableCount: Int

    /// The pixels that can be reached from known ones, in row-major order.
    private static func round(unknown: PixelMask, maximumWidth: Int) -> [Step] {
        let shape = unknown.shape
        // The unknown run that contains the current row, for each column; looked for anew below its end.
        var columnRuns = [Range<Int>](repeating: 0..<0, count: shape.columns)
        var steps: [Step] = []
        for row in 0..<shape.rows {
            var rowRun = 0..<0
            for column in 0..<shape.columns where unknown[row, column] {
                if column >= rowRun.upperBound {
                    var end = column
                    while end < shape.columns, unknown[row, end] { end += 1 }
                    rowRun = column..<end
                }
                if row >= columnRuns[column].upperBound {
                    var end = row
                    while end < shape.rows, unknown[end, column] { end += 1 }
                    columnRuns[column] = row..<end
                }
                let columns = reachable(rowRun, within: shape.columns, maximumWidth: maximumWidth)
                let rows = reachable(columnRuns[column], within: shape.rows, maximumWidth: maximumWidth)
                guard let width = [columns?.count, rows?.count].compactMap({ $0 }).min() else { continue }
                steps.append(
                    Step(
                        pixel: row * shape.columns + column,
                        columns: columns?.count == width ? columns : nil,
                        rows: rows?.count == width ? rows : nil))
            }
        }
        return steps
    }

    /// The run itself when there is a known pixel on both of its sides and it is not too wide.
    private static func reachable(_ run: Range<Int>, within extent: Int, maximumWidth: Int) -> Range<Int>? {
        run.lowerBound > 0 && run.upperBound < extent && run.count <= maximumWidth ? run : nil
    }
}
