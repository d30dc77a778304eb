internal import Foundation
internal import Volume

/// The weighted mean of what overlapping tiles say about the voxels to be filled.
struct KrigingBlend {
    private struct Sum {
        var weight: Float = 0
        var mean: Float = 0
        var variance: Float = 0
    }

    /// One sum for each voxel that any frame fills, by frame and by place.
    private var sums: [Sum]
    private let frames: Range<Int>
    private let frameCount: Int
    /// The place of each pixel among those that any frame fills.
    private let places: [Int32]
    private let placeCount: Int

    /// - Parameter fillable: the pixels that any frame fills.
    init(frames: Range<Int>, fillable: PixelMask) {
        var places = [Int32](repeating: -1, count: fillable.shape.count)
        var placeCount = 0
        for pixel in places.indices where fillable.storage[pixel] {
            places[pixel] = Int32(placeCount)
            placeCount += 1
        }
        self.frames = frames
        self.places = places
        self.placeCount = placeCount
        frameCount = fillable.shape.count
        sums = [Sum](repeating: Sum(), count: frames.count * placeCount)
    }

    /// Adds what one tile says.
    mutating func add(_ estimate: KrigingEstimate) {
        for voxel in estimate.voxels {
            let sum = position(of: voxel.block)
            sums[sum].weight += voxel.weight
            sums[sum].mean += voxel.weight * voxel.mean
            sums[sum].variance += voxel.weight * voxel.variance
        }
    }

    /// Replaces the voxels by the means, and their errors.
    func write(to block: inout FrameBlock) {
        var errors = Volume<Float>(shape: block.data.shape, repeating: .nan)
        for frame in frames {
            let plan = block.plans[frame]
            let base = frame * frameCount
            for pixel in 0..<frameCount {
                guard plan.mask.storage[pixel] else {
                    errors.storage[base + pixel] = block.data.storage[base + pixel].squareRoot()
                    continue
                }
                guard plan.fillable.storage[pixel] else { continue }
                let sum = sums[position(of: base + pixel)]
                let filled = max(0, expm1(sum.mean / sum.weight))
                block.data.storage[base + pixel] = filled
                let noise = Float(PhotonNoise.squaredError(expectation: filled))
                let sigma = max(sum.variance / sum.weight, noise, 1e-6).squareRoot()
                errors.storage[base + pixel] = (1 + filled) * sinh(sigma)
            }
        }
        block.errors = errors
    }

    private func position(of voxel: Int) -> Int {
        (voxel / frameCount - frames.lowerBound) * placeCount + Int(places[voxel % frameCount])
    }
}
