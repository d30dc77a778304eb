/// The size of one detector image in pixels, (slow = row, fast = column).
public struct FrameShape: Hashable, Sendable, Codable {
    /// Number of rows, the slow axis.
    public var rows: Int
    /// Number of columns, the fast axis.
    public var columns: Int

    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    /// Number of pixels in one frame.
    public var count: Int { rows * columns }

    /// Pixels that no detector has: extents beyond come from a damaged file.
    public static let largestCount = 1 << 28

    /// The shape of the same image with rows and columns exchanged.
    public var transposed: FrameShape { FrameShape(rows: columns, columns: rows) }
}

extension FrameShape: CustomStringConvertible {
    public var description: String { "\(rows)x\(columns)" }
}

/// The size of a stack of detector images, (frame, slow = row, fast = column).
public struct VolumeShape: Hashable, Sendable {
    public var frames: Int
    public var rows: Int
    public var columns: Int

    public init(frames: Int, rows: Int, columns: Int) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    public init(frames: Int, frame: FrameShape) {
        self.init(frames: frames, rows: frame.rows, columns: frame.columns)
    }

    /// The shape of one of its frames.
    public var frame: FrameShape { FrameShape(rows: rows, columns: columns) }

    /// Number of voxels.
    public var count: Int { frames * rows * columns }

    /// The extents in axis order: frames, rows, columns.
    public var extents: [Int] { [frames, rows, columns] }
}

extension VolumeShape: CustomStringConvertible {
    public var description: String { "\(frames)x\(rows)x\(columns)" }
}
