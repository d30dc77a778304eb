/// The architecture of a network, independent of batch and extents: operations in order of evaluation.
///
/// Tensors are channels-last, (N, frame, row, column, channel). Two-dimensional networks use extents of 1 along the
/// frames.
public struct NetworkGraph: Sendable {
    /// A value that flows through the network.
    public struct Tensor: Hashable, Sendable {
        let index: Int
        public let channels: Int
    }

    /// What makes a tensor from others.
    enum Operation: Hashable, Sendable {
        case input
        case convolution(Convolution)
        case activation(Activation)
        case sum
        case concatenation
        case upsampling(factor: Extent3)
        case spaceToDepth(block: Extent3)
        case depthToSpace(block: Extent3)
        case maxPooling(window: Extent3)
    }

    /// An operation with what it reads; its result has the node's position as index.
    struct Node: Hashable, Sendable {
        var operation: Operation
        var inputs: [Tensor]
        var channels: Int
    }

    private(set) var nodes: [Node] = []
    private(set) var inputs: [Tensor] = []
    private(set) var outputs: [Tensor] = []

    public init() {}

    /// Declares the next input of the network.
    public mutating func input(channels: Int) -> Tensor {
        let tensor = append(.input, [], channels: channels)
        inputs.append(tensor)
        return tensor
    }

    /// Declares a tensor as the next output of the network.
    public mutating func output(_ x: Tensor) { outputs.append(x) }

    /// Adds a node; the public operations check their arguments before.
    mutating func append(_ operation: Operation, _ inputs: [Tensor], channels: Int) -> Tensor {
        precondition(channels > 0, "a tensor needs at least one channel")
        nodes.append(Node(operation: operation, inputs: inputs, channels: channels))
        return Tensor(index: nodes.count - 1, channels: channels)
    }
}

extension NetworkGraph {
    /// Convolves with learnt weights and adds a bias; the extents become ⌈extent / stride⌉.
    ///
    /// Zeros are put around the input as TensorFlow's "same" padding does, the odd one at the end.
    ///
    /// - Parameter name: names the parameters; each convolution needs its own.
    /// - Precondition: kernel, stride and dilation are at least 1; no other layer has this name.
    public mutating func convolution(
        _ x: Tensor, channels: Int, kernel: Extent3, stride: Extent3 = 1, dilation: Extent3 = 1,
        activation: Activation = .none, name: String
    ) -> Tensor {
        let layer = Convolution(
            name: name, inputChannels: x.channels, outputChannels: channels, kernel: kernel, stride: stride,
            dilation: dilation, isTransposed: false)
        return append(layer, x, activation)
    }

    /// The adjoint of a convolution with learnt weights, plus a bias; the extents become extent · stride.
    ///
    /// - Precondition: as for `convolution`.
    public mutating func transposedConvolution(
        _ x: Tensor, channels: Int, kernel: Extent3, stride: Extent3 = 1, dilation: Extent3 = 1,
        activation: Activation = .none, name: String
    ) -> Tensor {
        let layer = Convolution(
            name: name, inputChannels: x.channels, outputChannels: channels, kernel: kernel, stride: stride,
            dilation: dilation, isTransposed: true)
        return append(layer, x, activation)
    }

    private mutating func append(_ layer: Convolution, _ x: Tensor, _ activation: Activation) -> Tensor {
        let extents = [layer.kernel, layer.stride, layer.dilation].flatMap(\.axes)
        precondition(extents.allSatisfy { $0 >= 1 }, "'\(layer.name)' has an extent below 1")
        precondition(!convolutions.contains { $0.name == layer.name }, "two layers are called '\(layer.name)'")
        let sum = append(.convolution(layer), [x], channels: layer.outputChannels)
        return activation == .none ? sum : self.activation(sum, activation)
    }

    /// Applies a function to each number.
    ///
    /// - Precondition: the slope of a leaky rectifier lies in 0 < slope <= 1, so that its output tells the sign.
    public mutating func activation(_ x: Tensor, _ activation: Activation) -> Tensor {
        if case .leakyReLU(let slope) = activation {
            precondition(slope > 0 && slope <= 1, "a leaky rectifier with the slope \(slope)")
        }
        return append(.activation(activation), [x], channels: x.channels)
    }

    /// Adds two tensors of one shape.
    public mutating func sum(_ a: Tensor, _ b: Tensor) -> Tensor {
        precondition(a.channels == b.channels, "a sum of \(a.channels) and \(b.channels) channels")
        return append(.sum, [a, b], channels: a.channels)
    }

    /// Puts the channels of several tensors of equal extents behind one another.
    public mutating func concatenation(_ xs: [Tensor]) -> Tensor {
        append(.concatenation, xs, channels: xs.reduce(0) { $0 + $1.channels })
    }

    /// Repeats each voxel `factor` times along each axis.
    public mutating func nearestUpsampling(_ x: Tensor, factor: Extent3) -> Tensor {
        append(.upsampling(factor: factor), [x], channels: x.channels)
    }

    /// Makes each block of voxels one voxel with as many times the channels.
    ///
    /// Channel c of the voxel (d, h, w) of a block becomes channel ((d · rows + h) · columns + w) · C + c.
    public mutating func spaceToDepth(_ x: Tensor, block: Extent3) -> Tensor {
        append(.spaceToDepth(block: block), [x], channels: x.channels * block.count)
    }

    /// Undoes `spaceToDepth`.
    ///
    /// - Precondition: the number of channels is a multiple of the block's voxels.
    public mutating func depthToSpace(_ x: Tensor, block: Extent3) -> Tensor {
        precondition(x.channels % block.count == 0, "\(x.channels) channels cannot fill blocks of \(block)")
        return append(.depthToSpace(block: block), [x], channels: x.channels / block.count)
    }

    /// Keeps the largest value of each window; voxels that fill no window are dropped.
    public mutating func maxPooling(_ x: Tensor, window: Extent3) -> Tensor {
        append(.maxPooling(window: window), [x], channels: x.channels)
    }
}

extension NetworkGraph {
    /// The layers with parameters, in order of evaluation.
    var convolutions: [Convolution] {
        nodes.compactMap { node in
            if case .convolution(let layer) = node.operation { layer } else { nil }
        }
    }

    /// Where each parameter of the network lies.
    var parameterLayout: ParameterLayout {
        var layout = ParameterLayout()
        for layer in convolutions {
            layout.append(layer.weightName, layer.kernel.axes + [layer.inputChannels, layer.outputChannels])
            layout.append(layer.biasName, [layer.outputChannels])
        }
        return layout
    }

    /// Number of learnt numbers.
    public var parameterCount: Int { parameterLayout.count }

    /// Names and shapes of the parameters: "name.weight" (kernel frame, row, column, input, output) and "name.bias".
    public var parameterShapes: [(name: String, shape: [Int])] {
        parameterLayout.entries.map { ($0.name, $0.shape) }
    }
}

extension NetworkGraph {
    /// The extents of every tensor, by index, for given extents of the inputs.
    ///
    /// - Throws: `NeuralNetworkError.extents` where an operation cannot work on what reaches it.
    func extents(input: Extent3) throws(NeuralNetworkError) -> [Extent3] {
        var known: [Extent3] = []
        for node in nodes { known.append(try Self.extents(node, node.inputs.map { known[$0.index] }, input)) }
        return known
    }

    private static func extents(
        _ node: Node, _ inputs: [Extent3], _ input: Extent3
    ) throws(NeuralNetworkError) -> Extent3 {
        guard let first = inputs.first else { return input }
        switch node.operation {
        case .input, .activation: return first
        case .convolution(let layer): return layer.outputExtents(first)
        case .sum, .concatenation:
            for other in inputs where other != first {
                throw .extents(operation: "a sum or concatenation", expected: "\(first)", found: "\(other)")
            }
            return first
        case .upsampling(let factor), .depthToSpace(let factor): return .zip(first, factor, *)
        case .spaceToDepth(let block):
            guard Extent3.zip(first, block, %) == 0 else {
                throw .extents(operation: "space to depth", expected: "multiples of \(block)", found: "\(first)")
            }
            return .zip(first, block, /)
        case .maxPooling(let window):
            let pooled = Extent3.zip(first, window, /)
            guard pooled.count > 0 else {
                throw .extents(operation: "max pooling", expected: "at least \(window)", found: "\(first)")
            }
            return pooled
        }
    }
}
