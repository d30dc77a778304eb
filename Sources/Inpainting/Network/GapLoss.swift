internal import Foundation
internal import NeuralNetwork
public import Volume

/// How far the network's answer for some patches is from the truth, and the gradient of that.
///
/// For each patch, the mean over the gap of two terms: the squared error of log(1+I) in units of the gap's variance,
/// and the Gaussian likelihood of what would be measured. The likelihood teaches the deviation only; the mean follows
/// the squared error, which is what a correlation is made of.
public struct GapLoss: Sendable {
    /// The weight of the likelihood.
    public var uncertaintyWeight: Float

    public init(uncertaintyWeight: Float) { self.uncertaintyWeight = uncertaintyWeight }

    /// The squared error in units of the gap's variance, averaged over patches, of the network and of kriging alone.
    public struct Value: Sendable {
        public var error = 0.0
        public var kriging = 0.0
        public var likelihood = 0.0
        public var patches = 0.0

        public init(error: Double = 0, kriging: Double = 0, likelihood: Double = 0, patches: Double = 0) {
            (self.error, self.kriging) = (error, kriging)
            (self.likelihood, self.patches) = (likelihood, patches)
        }

        public static func + (left: Value, right: Value) -> Value {
            Value(
                error: left.error + right.error, kriging: left.kriging + right.kriging,
                likelihood: left.likelihood + right.likelihood, patches: left.patches + right.patches)
        }
    }

    /// A ratio of squared error and variance above which a voxel does not pull harder.
    private static let largestRatio: Float = 20
    /// The same for the squared error in units of the gap's variance: beyond, the loss grows linearly (Huber 1964).
    private static let largestError: Float = 4

    /// Compares the answer of a plan for some patches, writes the gradient into the plan and propagates it.
    func backward(_ examples: [GapExample], in plan: NetworkPlan) -> Value {
        plan.backward { index, answer, gradient in
            add(examples[index], answer: answer, gradient: gradient, share: 1 / Float(examples.count))
        }.reduce(Value(), +)
    }

    /// The value for one patch, and its gradient.
    ///
    /// - Parameters:
    ///   - answer: ``GapNetwork/outputChannels`` for each voxel of the patch.
    ///   - gradient: the same, 0 before.
    ///   - share: of this patch in the batch.
    public func add(
        _ example: GapExample, answer: UnsafeBufferPointer<Float>,
        gradient: UnsafeMutableBufferPointer<Float>, share: Float
    ) -> Value {
        let scale = share / Float(max(1, example.gap.count))
        var (error, kriging, likelihood) = (0.0, 0.0, 0.0)
        for voxel in example.gap {
            let channel = Int(voxel.position) * GapNetwork.outputChannels
            let correction = Correction(UnsafeBufferPointer(rebasing: answer[channel...]))
            let unit = Correction.unit(deviation: voxel.deviation)
            let mean = correction.mean(
                kriged: voxel.kriged, background: voxel.background, deviation: voxel.deviation)
            let difference = mean - voxel.target
            let relative = difference * difference * example.weight
            let pull =
                2 * difference * example.weight * scale
                * (relative > Self.largestError ? (Self.largestError / relative).squareRoot() : 1)
            gradient[channel] = pull * (voxel.kriged - voxel.background)
            gradient[channel + 1] = pull * unit
            let logarithm = logf(unit) + correction.spread
            let ratio = (difference * difference + voxel.noise) * expf(-2 * logarithm)
            gradient[channel + 2] = uncertaintyWeight * scale * (1 - min(ratio, Self.largestRatio))
            error += Double(difference * difference)
            kriging += Double((voxel.kriged - voxel.target) * (voxel.kriged - voxel.target))
            likelihood += Double(0.5 * ratio + logarithm)
        }
        let count = Double(max(1, example.gap.count))
        return Value(
            error: error * Double(example.weight) / count, kriging: kriging * Double(example.weight) / count,
            likelihood: likelihood / count, patches: 1)
    }
}

/// One patch ready for the network to learn from: what it is told, and what it should have said.
public struct GapExample: Sendable {
    /// One voxel of the gap.
    public struct Voxel: Sendable {
        /// Position in what the network sees.
        public var position: Int32
        /// Kriging's estimate of log(1+I), its background and its deviation.
        public var kriged: Float
        public var background: Float
        public var deviation: Float
        /// What log(1+I) is on average over the photon noise, and the variance of that noise.
        public var target: Float
        public var noise: Float
    }

    /// Of what the network sees, (frame, row, column).
    public let shape: VolumeShape
    /// ``GapNetwork/inputChannels`` for each voxel.
    public let features: [Float]
    /// Frame by frame, row-major.
    public let gap: [Voxel]
    /// One over the variance of what would be measured in the gap: every patch counts alike, whatever its contrast.
    let weight: Float

    /// The least variance that a gap is taken to have.
    package static let leastVariance: Float = 0.02

    /// - Parameters:
    ///   - counts: (frame, row, column); what lies in the gap is not looked at.
    ///   - mirror: the same at the mirror images in the Bragg peak, not a number where none were measured.
    ///   - mask: the gap of all frames.
    ///   - seen: how much of what is kriged the network sees, around the middle of the gap; all by default. As in scans,
    ///     kriging then knows more than the network.
    ///   - truth: what is to be found at each position of `counts` in the gap: log(1+I) and the variance of its noise;
    ///     `nil` where nobody knows.
    public init(
        counts: Volume<Float>, mirror: Volume<Float>? = nil, mask: PixelMask, seen: VolumeShape? = nil,
        kriging: Kriging, truth: (_ position: Int) -> PhotonNoise.Moments?
    ) {
        let estimate = kriging.estimate(counts: counts, mask: mask)
        let masks = [PixelMask](repeating: mask, count: counts.shape.frames)
        let box = VoxelBox(seen ?? counts.shape, aroundGapOf: mask, within: counts.shape)
        let shape = box.shape
        self.shape = shape
        features = [Float](unsafeUninitializedCapacity: shape.count * GapNetwork.inputChannels) { buffer, count in
            count = shape.count * GapNetwork.inputChannels
            let whole = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            TileFeatures.write(estimate, masks: masks, mirror: mirror, box: box, extents: shape, to: whole)
        }
        var gap: [Voxel] = []
        for frame in box.frames {
            for row in box.rows {
                let line = (frame - box.frames.lowerBound) * shape.rows + row - box.rows.lowerBound
                for column in box.columns where mask[row, column] {
                    let position = counts.rowBase(frame: frame, row: row) + column
                    guard let moments = truth(position) else { continue }
                    gap.append(
                        Voxel(
                            position: Int32(line * shape.columns + column - box.columns.lowerBound),
                            kriged: estimate.mean.storage[position], background: estimate.background.storage[position],
                            deviation: estimate.scale.storage[position], target: moments.mean,
                            noise: moments.variance))
                }
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

extension VoxelBox {
    /// A box of a shape in a volume, around the middle of its frames and of the pixels that a mask hides.
    ///
    /// - Precondition: it is no larger than the volume.
    fileprivate init(_ shape: VolumeShape, aroundGapOf mask: PixelMask, within whole: VolumeShape) {
        let hidden = mask.storage.indices.filter { mask.storage[$0] }
        let count = max(1, hidden.count)
        func range(_ extent: Int, around middle: Int, within whole: Int) -> Range<Int> {
            precondition(extent <= whole, "a box of \(shape) in a smaller volume")
            let start = min(max(0, middle - extent / 2), whole - extent)
            return start..<start + extent
        }
        self.init(
            frames: range(shape.frames, around: whole.frames / 2, within: whole.frames),
            rows: range(
                shape.rows, around: hidden.reduce(0) { $0 + $1 / whole.columns } / count, within: whole.rows),
            columns: range(
                shape.columns, around: hidden.reduce(0) { $0 + $1 % whole.columns } / count, within: whole.columns))
    }
}
