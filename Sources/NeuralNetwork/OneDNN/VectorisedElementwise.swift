internal import CConvolution

/// An activation that no convolution precedes, or a sigmoid.
final class VectorisedActivation: Layer {
    private let activation: Activation
    private let memory: LayerMemory
    private let count: Int64

    init(_ activation: Activation, _ memory: LayerMemory) {
        self.activation = activation
        self.memory = memory
        count = Int64(memory.output.shape.count)
    }

    func forward() {
        let (x, y) = (memory.inputs[0], memory.output)
        switch activation {
        case .none: lacuna_add(x.address, y.address, count, false, y.precision.code)
        case .leakyReLU(let slope): lacuna_leaky(x.address, y.address, count, slope, y.precision.code)
        case .sigmoid(let gain): lacuna_sigmoid(x.address, y.address, count, gain, y.precision.code)
        }
    }

    func backward() {
        let (y, gradient) = (memory.output, memory.trained.outputGradient)
        switch activation {
        case .none: break
        case .leakyReLU(let slope):
            lacuna_leaky_backward(y.address, gradient.address, count, slope, y.precision.code)
        case .sigmoid(let gain):
            lacuna_sigmoid_backward(y.address, gradient.address, count, gain, y.precision.code)
        }
        gradient.contribute(to: memory.inputGradients[0])
    }
}

/// The sum of two tensors of one shape.
final class VectorisedSum: Layer {
    private let memory: LayerMemory

    init(_ memory: LayerMemory) { self.memory = memory }

    func forward() {
        let y = memory.output
        lacuna_sum(
            memory.inputs[0].address, memory.inputs[1].address, y.address, Int64(y.shape.count), y.precision.code)
    }

    func backward() {
        for input in memory.inputGradients { memory.trained.outputGradient.contribute(to: input) }
    }
}

/// The channels of several tensors behind one another.
final class VectorisedConcatenation: Layer {
    private let memory: LayerMemory
    /// The first channel of each input within the output.
    private let firstChannels: [Int]

    init(_ memory: LayerMemory) {
        self.memory = memory
        var next = 0
        firstChannels = memory.inputs.map { input in
            defer { next += input.shape.channels }
            return next
        }
    }

    func forward() {
        let y = memory.output
        for (x, first) in zip(memory.inputs, firstChannels) {
            lacuna_copy_channels(
                x.address, Int64(x.shape.channels), 0, y.address, Int64(y.shape.channels), Int64(first),
                Int64(x.shape.channels), Int64(y.shape.voxels), false, y.precision.code)
        }
    }

    func backward() {
        let y = memory.trained.outputGradient
        for (input, first) in zip(memory.inputGradients, firstChannels) {
            guard let input else { continue }
            let channels = Int64(input.tensor.shape.channels)
            lacuna_copy_channels(
                y.address, Int64(y.shape.channels), Int64(first), input.tensor.address, channels, 0, channels,
                Int64(y.shape.voxels), input.accumulates, y.precision.code)
        }
    }
}

/// Space to depth, or depth to space.
final class VectorisedRegrouping: Layer {
    private let memory: LayerMemory
    private let toDepth: Bool
    private var blocks: LacunaBlocks

    init(_ block: Extent3, _ memory: LayerMemory, toDepth: Bool) {
        self.memory = memory
        self.toDepth = toDepth
        let (x, y) = (memory.inputs[0], memory.output)
        blocks = LacunaBlocks(fine: toDepth ? x : y, coarse: toDepth ? y : x, block)
    }

    func forward() {
        move(memory.inputs[0], memory.output, toDepth: toDepth, accumulates: false)
    }

    func backward() {
        guard let input = memory.inputGradients[0] else { return }
        move(memory.trained.outputGradient, input.tensor, toDepth: !toDepth, accumulates: input.accumulates)
    }

    private func move(_ x: TensorBuffer, _ y: TensorBuffer, toDepth: Bool, accumulates: Bool) {
        if toDepth {
            lacuna_space_to_depth(&blocks, x.address, y.address, accumulates)
        } else {
            lacuna_depth_to_space(&blocks, x.address, y.address, accumulates)
        }
    }
}

/// Each voxel repeated.
final class VectorisedUpsampling: Layer {
    private let memory: LayerMemory
    private var blocks: LacunaBlocks

    init(_ factor: Extent3, _ memory: LayerMemory) {
        self.memory = memory
        blocks = LacunaBlocks(fine: memory.output, coarse: memory.inputs[0], factor)
    }

    func forward() { lacuna_upsample(&blocks, memory.inputs[0].address, memory.output.address) }

    func backward() {
        guard let input = memory.inputGradients[0] else { return }
        lacuna_sum_blocks(
            &blocks, memory.trained.outputGradient.address, input.tensor.address, input.accumulates)
    }
}

/// The largest value of each window.
final class VectorisedMaxPooling: Layer {
    private let memory: LayerMemory
    private var blocks: LacunaBlocks

    init(_ window: Extent3, _ memory: LayerMemory) {
        self.memory = memory
        blocks = LacunaBlocks(fine: memory.inputs[0], coarse: memory.output, window)
    }

    func forward() { lacuna_max_pool(&blocks, memory.inputs[0].address, memory.output.address) }

    func backward() {
        guard let input = memory.inputGradients[0] else { return }
        lacuna_max_pool_backward(
            &blocks, memory.inputs[0].address, memory.output.address, memory.trained.outputGradient.address,
            input.tensor.address, input.accumulates)
    }
}

extension LacunaBlocks {
    fileprivate init(fine: TensorBuffer, coarse: TensorBuffer, _ block: Extent3) {
        self.init(
            batch: Int64(fine.shape.batch), coarse: coarse.shape.extents.c, block: block.c,
            channels: Int64(fine.shape.channels), fine: fine.shape.extents.c, precision: fine.precision.code)
    }
}
