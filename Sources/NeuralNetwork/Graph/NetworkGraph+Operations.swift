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
