internal import Diffraction
internal import Inpainting
internal import Volume

/// One patch ready for the network: what it is told, and what it should have said.
struct TrainingExample: Sendable {
    /// One voxel of the gap.
    struct Voxel: Sendable {
        /// Position in the patch.
        var position: Int32
        /// Kriging's estimate of log(1+I), its background and its deviation.
        var kriged: Float
        var background: Float
        var deviation: Float
        /// What log(1+I) is on average over the photon noise, and the variance of that noise.
        var target: Float
        var noise: Float
    }

    let shape: VolumeShape
    /// ``GapNetwork/inputChannels`` for each voxel.
    let features: [Float]
    let gap: [Voxel]
    /// One over the variance of what would be measured in the gap: every patch counts alike, whatever its contrast.
    let weight: Float

    /// The least variance that a gap is taken to have.
    private static let leastVariance: Float = 0.02

    init(_ patch: TrainingPatch, kriging: Kriging) {
        let estimate = kriging.estimate(counts: patch.counts, mask: patch.mask)
        let shape = patch.counts.shape
        let masks = [PixelMask](repeating: patch.mask, count: shape.frames)
        self.shape = shape
        features = [Float](unsafeUninitializedCapacity: shape.count * GapNetwork.inputChannels) { buffer, count in
            count = shape.count * GapNetwork.inputChannels
            let whole = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            TileFeatures.write(estimate, masks: masks, mirror: patch.mirror, extents: shape, to: whole)
        }
        var gap: [Voxel] = []
        gap.reserveCapacity(shape.frames * patch.mask.maskedCount)
        let pixels = patch.mask.storage.indices.filter { patch.mask.storage[$0] }
        for frame in 0..<shape.frames {
            for pixel in pixels {
                let position = frame * shape.frame.count + pixel
                let moments = PhotonNoise.moments(expectation: patch.expected.storage[position])
                gap.append(
                    Voxel(
                        position: Int32(position), kriged: estimate.mean.storage[position],
                        background: estimate.background.storage[position],
                        deviation: estimate.deviation.storage[position], target: moments.mean, noise: moments.variance))
            }
        }
        self.gap = gap
        weight = 1 / max(Self.leastVariance, Self.variance(gap))
    }

    private static func variance(_ gap: [Voxel]) -> Float {
        var (sum, squares, noise) = (0.0, 0.0, 0.0)
        for voxel in gap {
            sum += Double(voxel.target)
            squares += Double(voxel.target * voxel.target)
            noise += Double(voxel.noise)
        }
        let count = Double(max(1, gap.count))
        return Float(squares / count - (sum / count) * (sum / count) + noise / count)
    }
}
