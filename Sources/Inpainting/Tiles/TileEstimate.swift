internal import Foundation
public import Volume

/// What an estimator says about every voxel of one tile, (frame, slow = row, fast = column), in log(1+I).
public struct TileEstimate: Sendable {
    /// Measured voxels as measured, masked ones as they are to be expected.
    public var mean: Volume<Float>
    /// Standard deviation of what would be measured; 0 where it was measured.
    public var deviation: Volume<Float>
    /// In what units a network corrects the mean and states its deviation: kriging's own, as the network learnt to know it.
    var scale: Volume<Float>
    /// The local background, on which the fringes stand.
    public var background: Volume<Float>
    /// Share of the measured voxels that hold a count.
    public var signalShare: Double
    /// The part of the tile in which the estimate is as good as it gets, counted from the tile's first voxel; the rest
    /// has no share in a blend.
    var part: VoxelBox

    init(
        mean: Volume<Float>, deviation: Volume<Float>, scale: Volume<Float>, background: Volume<Float>,
        signalShare: Double
    ) {
        self.mean = mean
        self.deviation = deviation
        self.scale = scale
        self.background = background
        self.signalShare = signalShare
        part = mean.shape.box
    }
}

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

    /// Replaces the fillable voxels of the block by the expected counts, and states the errors of all.
    ///
    /// See ``StatedError`` for how they are stated.
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
                let stated = StatedError.counts(mean: mean[voxel], deviation: deviation[voxel])
                block.data.storage[base + pixel] = stated.estimate
                errors.storage[errorBase + pixel] = stated.error
            }
        }
        block.errors = errors
    }
}
