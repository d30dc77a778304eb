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
    func moved(by other: VoxelBox) -> VoxelBox { shifted(1, other) }

    /// The same box, counted from the first voxel of another one.
    func counted(from other: VoxelBox) -> VoxelBox { shifted(-1, other) }

    private func shifted(_ sign: Int, _ other: VoxelBox) -> VoxelBox {
        func shifted(_ range: Range<Int>, _ other: Range<Int>) -> Range<Int> {
            range.lowerBound + sign * other.lowerBound..<range.upperBound + sign * other.lowerBound
        }
        return VoxelBox(
            frames: shifted(frames, other.frames), rows: shifted(rows, other.rows),
            columns: shifted(columns, other.columns))
    }

    /// Whether some voxel lies in both boxes.
    public func overlaps(_ other: VoxelBox) -> Bool {
        frames.overlaps(other.frames) && rows.overlaps(other.rows) && columns.overlaps(other.columns)
    }
}

extension Volume<Float> {
    /// The voxels of a box.
    public func part(_ box: VoxelBox) -> Volume<Float> {
        var voxels: [Float] = []
        voxels.reserveCapacity(box.shape.count)
        for frame in box.frames {
            for row in box.rows {
                let base = rowBase(frame: frame, row: row)
                voxels += storage[base + box.columns.lowerBound..<base + box.columns.upperBound]
            }
        }
        return Volume(shape: box.shape, storage: voxels)
    }
}

extension VolumeShape {
    /// All of its voxels.
    var box: VoxelBox { VoxelBox(frames: 0..<frames, rows: 0..<rows, columns: 0..<columns) }
}
