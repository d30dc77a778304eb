internal import Diffraction
internal import Volume

extension TrainingPatch {
    /// Positions of the voxels in the gap, frame by frame, row-major.
    var gap: [Int] {
        let pixels = mask.storage.indices.filter { mask.storage[$0] }
        return (0..<counts.shape.frames).flatMap { frame in pixels.map { frame * counts.shape.frame.count + $0 } }
    }
}
