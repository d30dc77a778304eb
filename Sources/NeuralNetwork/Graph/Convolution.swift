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
