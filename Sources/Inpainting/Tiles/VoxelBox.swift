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

extension PixelMask {
    /// The part of a mask within some rows and columns.
    func cropped(rows: Range<Int>, columns: Range<Int>) -> PixelMask {
        PixelMask(
            shape: FrameShape(rows: rows.count, columns: columns.count),
            storage: rows.flatMap { row in
                storage[row * shape.columns + columns.lowerBound..<row * shape.columns + columns.upperBound]
            })
    }
}

extension VoxelBox {
    /// The masked and the fillable pixels of each frame of the box, which lies in a block.
    package func masks(of block: FrameBlock) -> (masked: [PixelMask], fillable: [PixelMask]) {
        var masks: (masked: [PixelMask], fillable: [PixelMask]) = ([], [])
        var latest: GapPlan?
        for plan in block.plans[frames] {
            if let latest, plan === latest, let masked = masks.masked.last, let fillable = masks.fillable.last {
                masks.masked.append(masked)
                masks.fillable.append(fillable)
            } else {
                masks.masked.append(plan.mask.cropped(rows: rows, columns: columns))
                masks.fillable.append(plan.fillable.cropped(rows: rows, columns: columns))
            }
            latest = plan
        }
        return masks
    }

    /// The position in the box of a voxel of the volume that it is a part of; `nil` where it lies elsewhere.
    func position(of voxel: Int, in volume: VolumeShape) -> Int? {
        let (line, column) = voxel.quotientAndRemainder(dividingBy: volume.columns)
        let (frame, row) = line.quotientAndRemainder(dividingBy: volume.rows)
        guard contains(frame: frame, row: row, column: column) else { return nil }
        return ((frame - frames.lowerBound) * rows.count + row - rows.lowerBound) * columns.count + column
            - columns.lowerBound
    }
}
