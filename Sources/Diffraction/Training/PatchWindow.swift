import Volume

/// Where a patch is cut from a volume, and how it is turned; axes in the order (frame, row, column).
struct PatchWindow {
    /// The extents of the patch.
    let shape: VolumeShape
    /// The volume's axis along which each axis of the patch runs: rows and columns may be exchanged.
    let axes: [Int]
    /// The lowest corner in the volume, along the volume's axes.
    let start: [Int]
    /// Which of the patch's axes run backwards.
    let isFlipped: [Bool]

    /// A random window, anywhere in the volume or around its peak.
    ///
    /// - Precondition: the shape fits into the volume, rows and columns both ways.
    init(shape: VolumeShape, of volume: PatternVolume, nearPeak: Bool, using generator: inout SeededGenerator) {
        let available = PatternVolume.shape
        precondition(
            shape.frames <= available.frames && max(shape.rows, shape.columns) <= min(available.rows, available.columns)
                && shape.count > 0, "a patch of \(shape) from a volume of \(available)")
        self.shape = shape
        let axes = generator.happens(0.5) ? [0, 2, 1] : [0, 1, 2]
        var start = [0, 0, 0]
        for (patchAxis, volumeAxis) in axes.enumerated() {
            let extent = shape.extents[patchAxis]
            let last = available.extents[volumeAxis] - extent
            if nearPeak {
                let centre = Double(volume.peak[volumeAxis]) + 0.5 * Double(extent) * generator.normal()
                start[volumeAxis] = min(max(Int(centre) - extent / 2, 0), last)
            } else {
                start[volumeAxis] = generator.integer(in: 0...last)
            }
        }
        self.axes = axes
        self.start = start
        isFlipped = (0..<3).map { _ in generator.happens(0.5) }
    }

    /// For each axis of the patch, the step in the volume's storage of one voxel.
    private var steps: [Int] {
        let strides = [PatternVolume.shape.frame.count, PatternVolume.shape.columns, 1]
        return (0..<3).map { isFlipped[$0] ? -strides[axes[$0]] : strides[axes[$0]] }
    }

    /// The position in the volume's storage of the patch's first voxel.
    private var origin: Int {
        let strides = [PatternVolume.shape.frame.count, PatternVolume.shape.columns, 1]
        return (0..<3).reduce(0) { sum, axis in
            let volumeAxis = axes[axis]
            let corner = start[volumeAxis] + (isFlipped[axis] ? shape.extents[axis] - 1 : 0)
            return sum + corner * strides[volumeAxis]
        }
    }

    /// Pixels per fringe along the patch's axes.
    func oversampling(of volume: PatternVolume) -> SIMD3<Double> {
        SIMD3(volume.oversampling[axes[0]], volume.oversampling[axes[1]], volume.oversampling[axes[2]])
    }

    /// Adds the volume's intensities, times `scale`, to a patch.
    func add(_ volume: PatternVolume, scale: Float, to patch: inout [Float]) {
        precondition(patch.count == shape.count, "\(patch.count) voxels for a patch of \(shape)")
        let (origin, steps, shape) = (origin, steps, shape)
        let columnStep = steps[2]
        volume.intensity.storage.withUnsafeBufferPointer { source in
            patch.withUnsafeMutableBufferPointer { target in
                for frame in 0..<shape.frames {
                    for row in 0..<shape.rows {
                        var position = origin &+ frame &* steps[0] &+ row &* steps[1]
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
        let (origin, steps) = (origin, steps)
        var sample: [Float] = []
        sample.reserveCapacity(shape.count / 64)
        volume.intensity.storage.withUnsafeBufferPointer { source in
            for frame in stride(from: shape.frames % 4 / 2, to: shape.frames, by: 4) {
                for row in stride(from: shape.rows % 4 / 2, to: shape.rows, by: 4) {
                    let line = origin &+ frame &* steps[0] &+ row &* steps[1]
                    for column in stride(from: shape.columns % 4 / 2, to: shape.columns, by: 4) {
                        sample.append(source[line &+ column &* steps[2]])
                    }
                }
            }
        }
        sample.sort()
        return sample[sample.count * 3 / 4]
    }
}
