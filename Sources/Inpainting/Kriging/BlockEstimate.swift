internal import Foundation
internal import Volume

/// What is to be expected in the fillable voxels of a block of frames, in log(1+I).
public struct BlockEstimate: Sendable {
    /// The frames that are filled.
    public let frames: Range<Int>
    /// Positions in a frame, row-major, of the pixels that any of these frames fills.
    public let pixels: [Int]
    /// For each frame and each of the pixels: place `(frame - frames.lowerBound) * pixels.count + pixel`.
    public var mean: [Float]
    /// Standard deviation of what would be measured.
    public var deviation: [Float]
    /// The local background, on which the fringes stand.
    public var background: [Float]

    init(frames: Range<Int>, pixels: [Int]) {
        self.frames = frames
        self.pixels = pixels
        mean = [Float](repeating: 0, count: frames.count * pixels.count)
        deviation = mean
        background = mean
    }

    /// Beyond this deviation of log(1+I), a larger one makes the expected intensity no larger.
    private static let largestSpread: Float = 1
    /// The errors of simulated scans have longer tails than a normal distribution: this much less holds 68 to 72 %.
    private static let errorShare: Float = 0.93

    /// Replaces the fillable voxels of the block by the expected counts, and states the errors of all.
    ///
    /// With a normal distribution of log(1+I), mean m and deviation d, 1+I is stated as exp(m + d²/4): the square of the
    /// amplitude to be expected, as phase retrieval takes it. Around that, ± d exp(m) would hold 68 % of the distribution
    /// for all d up to 1.5, to within 7 % of the width.
    ///
    /// - Precondition: the estimate was made for this block.
    public func write(to block: inout FrameBlock) {
        precondition(block.frames == frames, "an estimate of frames \(frames) for frames \(block.frames)")
        var errors = Volume<Float>(
            shape: VolumeShape(frames: frames.count, frame: block.data.shape.frame), repeating: .nan)
        for frame in frames {
            let plan = block.plans[frame]
            let base = block.data.rowBase(frame: frame, row: 0)
            let place = frame - frames.lowerBound
            let errorBase = errors.rowBase(frame: place, row: 0)
            for pixel in 0..<plan.mask.shape.count where !plan.mask.storage[pixel] {
                errors.storage[errorBase + pixel] = block.data.storage[base + pixel].squareRoot()
            }
            for (index, pixel) in pixels.enumerated() where plan.fillable.storage[pixel] {
                let voxel = place * pixels.count + index
                let level = max(1, exp(mean[voxel]))
                let spread = deviation[voxel]
                let rise = exp(min(spread, Self.largestSpread) * min(spread, Self.largestSpread) / 4)
                block.data.storage[base + pixel] = level * rise - 1
                errors.storage[errorBase + pixel] = Self.errorShare * level * max(spread, 1e-3)
            }
        }
        block.errors = errors
    }
}
