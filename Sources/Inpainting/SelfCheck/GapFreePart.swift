public import Volume

/// A part of a scan in which everything was measured, from which a network can learn what this scan looks like.
public struct GapFreePart: Sendable {
    /// Its place in the scan.
    public let box: VoxelBox
    /// (frame, row, column).
    public let counts: Volume<Float>
    /// The other side of the Bragg peak; `nil` where it tells nothing.
    let mirror: BraggMirror?

    /// - Parameters:
    ///   - hidden: parts of the scan that must not be seen, not even from the other side.
    /// - Precondition: the box has the shape of the counts.
    public init(box: VoxelBox, counts: Volume<Float>, mirror: BraggMirror? = nil, hidden: [VoxelBox] = []) {
        precondition(counts.shape == box.shape, "\(counts.shape) for a box of \(box.shape)")
        self.box = box
        self.counts = counts
        self.mirror = mirror?.hiding(hidden)
    }

    /// What the mirror shows of a smaller part, of which some voxels are hidden; both placed from the first voxel of this one.
    func images(of part: VoxelBox, hiding gap: VoxelBox) -> Volume<Float>? {
        mirror?.hiding([gap.moved(by: box)]).seen(
            fromFrame: box.frames.lowerBound, row: box.rows.lowerBound, column: box.columns.lowerBound
        ).images(frames: part.frames, rows: part.rows, columns: part.columns)
    }
}
