import Volume

/// Where a patch is cut from a volume, and how it is turned; axes in the order (frame, row, column).
struct PatchWindow {
    /// The extents of the patch.
    let shape: VolumeShape
    /// The volume's axis along which each axis of the patch runs: rows and columns may be exchanged.
    let axes: [Int]
    /// For each axis of the patch, the index of its first voxel along the volume's axis.
    let corner: [Int]
    /// The position in the volume's storage of the patch's first voxel.
    private let origin: Int
    /// For each axis of the patch, the step in the volume's storage of one voxel; negative where it runs backwards.
    let steps: [Int]

    /// A random window, anywhere in the volume or around its peak.
    ///
    /// - Precondition: the shape fits into the volume, rows and columns both ways.
    init(shape: VolumeShape, of volume: PatternVolume, nearPeak: Bool, using generator: inout SeededGenerator) {
        let room = volume.intensity.shape
        precondition(
            shape.count > 0 && shape.frames <= room.frames
                && max(shape.rows, shape.columns) <= min(room.rows, room.columns),
            "a patch of \(shape) from a volume of \(room)")
        let axes = generator.happens(0.5) ? [0, 2, 1] : [0, 1, 2]
        let strides = [room.frame.count, room.columns, 1]
        var origin = 0
        var corner: [Int] = []
        var steps: [Int] = []
        for (extent, axis) in zip(shape.extents, axes) {
            let last = room.extents[axis] - extent
            let middle = Double(volume.peak[axis]) + 0.5 * Double(extent) * generator.normal()
            let start = nearPeak ? min(max(Int(middle) - extent / 2, 0), last) : generator.integer(in: 0...last)
            let isFlipped = generator.happens(0.5)
            corner.append(isFlipped ? start + extent - 1 : start)
            origin += (isFlipped ? start + extent - 1 : start) * strides[axis]
            steps.append(isFlipped ? -strides[axis] : strides[axis])
        }
        (self.shape, self.axes, self.corner) = (shape, axes, corner)
        (self.origin, self.steps) = (origin, steps)
    }

    /// Pixels per fringe along the patch's axes.
    func oversampling(of volume: PatternVolume) -> SIMD3<Double> {
        SIMD3(volume.oversampling[axes[0]], volume.oversampling[axes[1]], volume.oversampling[axes[2]])
    }

    /// Adds the volume's intensities, times `scale`, to a patch.
    func add(_ volume: PatternVolume, scale: Float, to patch: inout [Float]) {
        precondition(patch.count == shape.count, "\(patch.count) voxels for a patch of \(shape)")
        let (frameStep, rowStep, columnStep) = (steps[0], steps[1], steps[2])
        volume.intensity.storage.withUnsafeBufferPointer { source in
            patch.withUnsafeMutableBufferPointer { target in
                for frame in 0..<shape.frames {
                    for row in 0..<shape.rows {
                        var position = origin &+ frame &* frameStep &+ row &* rowStep
                        let base = (frame &* shape.rows &+ row) &* shape.columns
                        for column in 0..<shape.columns {
                            target[base &+ column] += scale * source[position]
                            position &+= columnStep
                        }
                    }
                }
            }
        }
    }

    /// The intensity that a quarter of the patch's voxels exceed, from one voxel in 64.
    func upperQuartile(of volume: PatternVolume) -> Float {
        var sample: [Float] = []
        sample.reserveCapacity(shape.count / 64)
        volume.intensity.storage.withUnsafeBufferPointer { source in
            for frame in stride(from: min(2, shape.frames / 2), to: shape.frames, by: 4) {
                for row in stride(from: min(2, shape.rows / 2), to: shape.rows, by: 4) {
                    let line = origin &+ frame &* steps[0] &+ row &* steps[1]
                    for column in stride(from: min(2, shape.columns / 2), to: shape.columns, by: 4) {
                        sample.append(source[line &+ column &* steps[2]])
                    }
                }
            }
        }
        sample.sort()
        return sample[sample.count * 3 / 4]
    }
}

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
