/// One step of a planned network, bound to its memory for good.
protocol Layer: AnyObject {
    /// Takes over the parameters of the whole network, from which the layer picks its own.
    func load(_ parameters: UnsafeBufferPointer<Float>)
    /// Writes the output.
    func forward()
    /// Passes the gradient of the output on to the inputs and to the parameters; that of the output may be lost.
    func backward()
}

extension Layer {
    func load(_ parameters: UnsafeBufferPointer<Float>) {}
}

/// A tensor in memory that somebody else owns.
struct TensorBuffer {
    let address: UnsafeMutableRawPointer
    let shape: TensorShape
    let precision: Precision

    /// The numbers of a float32 tensor.
    var floats: UnsafeMutableBufferPointer<Float> {
        precondition(precision == .float32, "these numbers are no floats")
        return UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: shape.count)
    }
}

/// The gradient of a tensor, to which each reader of the tensor contributes.
struct GradientBuffer {
    let tensor: TensorBuffer
    /// Somebody has contributed before: add instead of overwriting.
    let accumulates: Bool
}

/// Everything that a layer reads and writes.
struct LayerMemory {
    var inputs: [TensorBuffer]
    var output: TensorBuffer
    /// `nil` where no parameter lies upstream, or where the plan does not train.
    var inputGradients: [GradientBuffer?]
    var outputGradient: TensorBuffer?
    /// Room of the first input's size for a backward pass that cannot add by itself.
    var scratch: TensorBuffer?
    /// The gradients of the whole network's parameters.
    var parameterGradients: UnsafeMutablePointer<Float>?

    /// The memory of a layer that is trained.
    var trained: (outputGradient: TensorBuffer, parameterGradients: UnsafeMutablePointer<Float>) {
        guard let outputGradient, let parameterGradients else { preconditionFailure("the plan is not for training") }
        return (outputGradient, parameterGradients)
    }
}
