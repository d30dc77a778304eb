import Volume

extension PatchWindow {
    /// The volume's intensities, times `scale`, at the mirror images of the patch's voxels in the Bragg peak, in the
    /// order of the patch; not a number where those lie outside of the volume.
    func mirrored(_ volume: PatternVolume, scale: Float) -> [Float] {
        let places = (0..<3).map { axis in
            (0..<shape.extents[axis]).map { index -> Int? in
                let mirrored = volume.mirrorSum[axes[axis]] - place(of: index, along: axis)
                return (0..<PatternVolume.shape.extents[axes[axis]]).contains(mirrored) ? mirrored * stride(along: axis) : nil
            }
        }
        var mirrored = [Float](repeating: .nan, count: shape.count)
        for (frame, frameStep) in places[0].enumerated() {
            guard let frameStep else { continue }
            for (row, rowStep) in places[1].enumerated() {
                guard let rowStep else { continue }
                let base = (frame * shape.rows + row) * shape.columns
                for (column, columnStep) in places[2].enumerated() {
                    guard let columnStep else { continue }
                    mirrored[base + column] = scale * volume.intensity.storage[frameStep + rowStep + columnStep]
                }
            }
        }
        return mirrored
    }

    /// The index in the volume of a place in the patch, along one of the patch's axes.
    private func place(of index: Int, along axis: Int) -> Int {
        start[axes[axis]] + (isFlipped[axis] ? shape.extents[axis] - 1 - index : index)
    }

    /// The step in the volume's storage of one voxel along one of the patch's axes.
    private func stride(along axis: Int) -> Int {
        [PatternVolume.shape.frame.count, PatternVolume.shape.columns, 1][axes[axis]]
    }
}
