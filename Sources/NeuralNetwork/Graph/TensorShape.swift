public import Volume

/// The size of a dense channels-last tensor, (N, frame, row, column, channel), channels contiguous.
public struct TensorShape: Hashable, Sendable {
    /// Number of samples, N.
    public var batch: Int
    public var extents: Extent3
    public var channels: Int

    public init(batch: Int, extents: Extent3, channels: Int) {
        self.batch = batch
        self.extents = extents
        self.channels = channels
    }

    /// Number of voxels of all samples.
    public var voxels: Int { batch * extents.count }

    /// Number of elements.
    public var count: Int { voxels * channels }
}

/// Three whole numbers along (frame, slow = row, fast = column), such as the size of a kernel or of a block.
public struct Extent3: Hashable, Sendable {
    public var frames: Int
    public var rows: Int
    public var columns: Int

    public init(_ frames: Int, _ rows: Int, _ columns: Int) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    public init(_ shape: VolumeShape) { self.init(shape.frames, shape.rows, shape.columns) }

    /// The product of the three, e.g. the number of voxels.
    public var count: Int { frames * rows * columns }

    /// The three in axis order.
    var axes: [Int] { [frames, rows, columns] }

    /// Combines two extents axis by axis.
    static func zip(_ a: Extent3, _ b: Extent3, _ combine: (Int, Int) -> Int) -> Extent3 {
        Extent3(combine(a.frames, b.frames), combine(a.rows, b.rows), combine(a.columns, b.columns))
    }
}

extension Extent3: ExpressibleByIntegerLiteral {
    /// The same along all three axes.
    public init(integerLiteral value: Int) { self.init(value, value, value) }
}

extension Extent3: CustomStringConvertible {
    public var description: String { "\(frames)x\(rows)x\(columns)" }
}

/// A function applied to each number of a tensor.
public enum Activation: Hashable, Sendable {
    case none
    /// x where x > 0, else slope · x; the slope lies in 0 < slope <= 1.
    case leakyReLU(slope: Float)
    /// 1 / (1 + exp(-gain · x)).
    case sigmoid(gain: Float = 1)
}

/// A convolution with bias, padded so that a stride of 1 keeps the extents ("same" as TensorFlow defines it).
struct Convolution: Hashable, Sendable {
    var name: String
    var inputChannels: Int
    var outputChannels: Int
    var kernel: Extent3
    var stride: Extent3
    var dilation: Extent3
    /// The adjoint of a convolution: it multiplies the extents by the stride instead of dividing them.
    var isTransposed: Bool

    /// Number of weights, laid out as (kernel frame, row, column, input channel, output channel).
    var weightCount: Int { kernel.count * inputChannels * outputChannels }

    var weightName: String { name + ".weight" }
    var biasName: String { name + ".bias" }

    /// The extents that come out; a division rounds up.
    func outputExtents(_ input: Extent3) -> Extent3 {
        Extent3.zip(input, stride) { isTransposed ? $0 * $1 : ($0 + $1 - 1) / $1 }
    }

    /// The zeros put before and after each axis of the input (of the output, where transposed).
    func padding(input: Extent3) -> (before: Extent3, after: Extent3) {
        let wide = isTransposed ? outputExtents(input) : input
        let narrow = isTransposed ? input : outputExtents(input)
        let reach = Extent3.zip(kernel, dilation) { ($0 - 1) * $1 + 1 }
        let steps = Extent3.zip(narrow, stride) { ($0 - 1) * $1 }
        // A kernel narrower than the stride reaches less far than the axis does: the excess is left unread.
        let total = Extent3.zip(Extent3.zip(steps, reach, +), wide, -)
        let before = Extent3.zip(total, 2) { max($0, 0) / $1 }
        return (before, Extent3.zip(total, before, -))
    }
}
