import Volume

extension PatchWindow {
    /// The volume's intensities, times `scale`, at the mirror images of the patch's voxels in the Bragg peak, in the
    /// order of the patch; not a number where those lie outside of the volume.
    func mirrored(_ volume: PatternVolume, scale: Float) -> [Float] {
        let room = volume.intensity.shape
        let strides = [room.frame.count, room.columns, 1]
        let places = axes.indices.map { patchAxis in
            let axis = axes[patchAxis]
            return (0..<shape.extents[patchAxis]).map { index -> Int? in
                let mirrored = volume.mirrorSum[axis] - corner[patchAxis] - index * steps[patchAxis].signum()
                return (0..<room.extents[axis]).contains(mirrored) ? mirrored * strides[axis] : nil
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
}
