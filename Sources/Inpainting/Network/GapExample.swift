internal import Foundation
public import Volume

/// One patch ready for the network to learn from: what it is told, and what it should have said.
public struct GapExample: Sendable {
    /// One voxel of the gap.
    public struct Voxel: Sendable {
        /// Position in the patch.
        public var position: Int32
        /// Kriging's estimate of log(1+I), its background and its deviation.
        public var kriged: Float
        public var background: Float
        public var deviation: Float
        /// What log(1+I) is on average over the photon noise, and the variance of that noise.
        public var target: Float
        public var noise: Float
    }

    /// (frame, row, column).
    public let shape: VolumeShape
    /// ``GapNetwork/inputChannels`` for each voxel.
    public let features: [Float]
    /// Frame by frame, row-major.
    public let gap: [Voxel]
    /// One over the variance of what would be measured in the gap: every patch counts alike, whatever its contrast.
    let weight: Float

    /// The least variance that a gap is taken to have.
    static let leastVariance: Float = 0.02

    /// - Parameters:
    ///   - counts: (frame, row, column); what lies in the gap is not looked at.
    ///   - mirror: the same at the mirror images in the Bragg peak, not a number where none were measured.
    ///   - mask: the gap of all frames.
    ///   - truth: what is to be found at each position in the gap: log(1+I) and the variance of its noise.
    public init(
        counts: Volume<Float>, mirror: Volume<Float>? = nil, mask: PixelMask, kriging: Kriging,
        truth: (_ position: Int) -> PhotonNoise.Moments
    ) {
        let shape = counts.shape
        let estimate = kriging.estimate(counts: counts, mask: mask)
        let masks = [PixelMask](repeating: mask, count: shape.frames)
        self.shape = shape
        features = [Float](unsafeUninitializedCapacity: shape.count * GapNetwork.inputChannels) { buffer, count in
            count = shape.count * GapNetwork.inputChannels
            let whole = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            TileFeatures.write(estimate, masks: masks, mirror: mirror, extents: shape, to: whole)
        }
        let pixels = mask.storage.indices.filter { mask.storage[$0] }
        var gap: [Voxel] = []
        gap.reserveCapacity(shape.frames * pixels.count)
        for frame in 0..<shape.frames {
            for pixel in pixels {
                let position = frame * shape.frame.count + pixel
                let moments = truth(position)
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
