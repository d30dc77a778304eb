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
