internal import CConvolution

/// A convolution by oneDNN, with bias, residual and leaky rectifier in the same pass.
final class OneDNNConvolution: Layer {
    private let planned: PlannedConvolution
    private let memory: LayerMemory
    private let handle: OpaquePointer

    init(_ planned: PlannedConvolution, _ memory: LayerMemory) throws(NeuralNetworkError) {
        self.planned = planned
        self.memory = memory
        let layer = planned.layer
        let (input, output) = (memory.inputs[0].shape, memory.output.shape)
        let padding = layer.padding(input: input.extents)
        var shape = LacunaConvolutionShape(
            batch: Int64(input.batch), input_channels: Int64(input.channels), output_channels: Int64(output.channels),
            input: input.extents.c, output: output.extents.c, kernel: layer.kernel.c, stride: layer.stride.c,
            dilation: layer.dilation.c, pad_before: padding.before.c, pad_after: padding.after.c,
            transposed: layer.isTransposed, adds_residual: planned.addsResidual,
            training: memory.outputGradient != nil, propagates: memory.inputGradients.first.flatMap { $0 } != nil,
            slope: planned.slope, precision: memory.output.precision.code)
        var message = [CChar](repeating: 0, count: 256)
        guard let handle = lacuna_convolution_create(&shape, &message, Int64(message.count)) else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw .library(layer: layer.name, message: String(decoding: text, as: UTF8.self))
        }
        self.handle = handle
    }

    deinit { lacuna_convolution_destroy(handle) }

    func load(_ parameters: UnsafeBufferPointer<Float>) {
        let weights = parameters.extracting(planned.weights), bias = parameters.extracting(planned.bias)
        lacuna_convolution_load(handle, weights.baseAddress, bias.baseAddress)
    }

    func forward() {
        let residual = planned.addsResidual ? memory.inputs[1].address : nil
        lacuna_convolution_forward(handle, memory.inputs[0].address, residual, memory.output.address)
    }

    func backward() {
        let (gradient, parameterGradients) = memory.trained
        if planned.slope != 1 {
            lacuna_leaky_backward(
                memory.output.address, gradient.address, Int64(gradient.shape.count), planned.slope,
                gradient.precision.code)
        }
        if planned.addsResidual { gradient.contribute(to: memory.inputGradients[1]) }
        lacuna_convolution_backward_weights(
            handle, memory.inputs[0].address, gradient.address, parameterGradients + planned.weights.lowerBound,
            parameterGradients + planned.bias.lowerBound)
        guard let input = memory.inputGradients[0] else { return }
        let target = memory.scratch ?? input.tensor
        lacuna_convolution_backward_input(handle, gradient.address, target.address)
        memory.scratch?.contribute(to: input)
    }
}

extension TensorBuffer {
    /// Adds this gradient to that of an input of the same shape, or puts it there first.
    func contribute(to target: GradientBuffer?) {
        guard let target else { return }
        lacuna_add(address, target.tensor.address, Int64(shape.count), target.accumulates, precision.code)
    }
}

extension BackEnd {
    /// oneDNN's convolutions and vectorised loops, in either precision.
    public static let oneDNN = BackEnd(name: "oneDNN", precisions: [.float32, .bfloat16]) {
        (step, memory) throws(NeuralNetworkError) in
        switch step.operation {
        case .convolution(let planned): try OneDNNConvolution(planned, memory)
        case .plain(.activation(let activation)): VectorisedActivation(activation, memory)
        case .plain(.sum): VectorisedSum(memory)
        case .plain(.concatenation): VectorisedConcatenation(memory)
        case .plain(.upsampling(let factor)): VectorisedUpsampling(factor, memory)
        case .plain(.spaceToDepth(let block)): VectorisedRegrouping(block, memory, toDepth: true)
        case .plain(.depthToSpace(let block)): VectorisedRegrouping(block, memory, toDepth: false)
        case .plain(.maxPooling(let window)): VectorisedMaxPooling(window, memory)
        case .plain(.input), .plain(.convolution): preconditionFailure("no step of a plan")
        }
    }
}

extension Precision {
    /// The C interface's name for it.
    var code: LacunaPrecision { self == .float32 ? LacunaFloat32 : LacunaBFloat16 }
}

extension Extent3 {
    /// The three as the C interface takes them.
    var c: (Int64, Int64, Int64) { (Int64(frames), Int64(rows), Int64(columns)) }
}
