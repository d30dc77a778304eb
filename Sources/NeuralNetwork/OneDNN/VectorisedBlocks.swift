internal import CConvolution

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
