public import Volume

/// A box of voxels of a scan, (frame, slow = row, fast = column), half-open.
public struct VoxelBox: Hashable, Sendable {
    public var frames: Range<Int>
    public var rows: Range<Int>
    public var columns: Range<Int>

    public init(frames: Range<Int>, rows: Range<Int>, columns: Range<Int>) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    public var shape: VolumeShape { VolumeShape(frames: frames.count, rows: rows.count, columns: columns.count) }

    public func contains(frame: Int, row: Int, column: Int) -> Bool {
        frames.contains(frame) && rows.contains(row) && columns.contains(column)
    }

    /// The same box, placed from the first voxel of another one instead of from there.
    func moved(by other: VoxelBox) -> VoxelBox {
        func moved(_ range: Range<Int>, _ other: Range<Int>) -> Range<Int> {
            range.lowerBound + other.lowerBound..<range.upperBound + other.lowerBound
        }
        return VoxelBox(
            frames: moved(frames, other.frames), rows: moved(rows, other.rows),
            columns: moved(columns, other.columns))
    }

    /// Whether some voxel lies in both boxes.
    public func overlaps(_ other: VoxelBox) -> Bool {
        frames.overlaps(other.frames) && rows.overlaps(other.rows) && columns.overlaps(other.columns)
    }
}
