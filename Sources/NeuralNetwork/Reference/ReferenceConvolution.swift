/// A convolution, or its adjoint, by matrix products, with bias, residual and leaky rectifier by their definitions.
final class ReferenceConvolution: Layer {
    private let planned: PlannedConvolution
    private let memory: LayerMemory
    private let matrix: PatchMatrix
    private var weights: [Float] = []
    private var bias: [Float] = []

    init(_ planned: PlannedConvolution, _ memory: LayerMemory) {
        self.planned = planned
        self.memory = memory
        matrix = PatchMatrix(planned.layer, input: memory.inputs[0].shape, output: memory.output.shape)
    }

    func load(_ parameters: UnsafeBufferPointer<Float>) {
        let layer = planned.layer
        weights = Array(parameters.extracting(planned.weights))
        bias = Array(parameters.extracting(planned.bias))
        if layer.isTransposed {
            weights = Self.exchanged(weights, layer.kernel.count, layer.inputChannels, layer.outputChannels)
        }
    }

    func forward() {
        let (x, y) = (memory.inputs[0].pointer, memory.output.floats)
        let residual = planned.addsResidual ? memory.inputs[1].floats : nil
        for index in y.indices { y[index] = bias[index % bias.count] + (residual?[index] ?? 0) }
        if planned.layer.isTransposed {
            matrix.addAdjoint(of: x, by: weights, to: memory.output.pointer)
        } else {
            matrix.addConvolution(of: x, by: weights, to: memory.output.pointer)
        }
        let activation = Activation.leakyReLU(slope: planned.slope)
        for index in y.indices { y[index] = activation.value(y[index]) }
    }

    func backward() {
        let (outputGradient, parameterGradients) = memory.trained
        let (x, y, gradient) = (memory.inputs[0].pointer, memory.output.floats, outputGradient.floats)
        let biasGradient = parameterGradients + planned.bias.lowerBound
        let activation = Activation.leakyReLU(slope: planned.slope)
        for index in gradient.indices {
            gradient[index] *= planned.slope == 1 ? 1 : activation.slope(atValue: y[index])
            biasGradient[index % bias.count] += gradient[index]
        }
        if planned.addsResidual {
            memory.inputGradients[1]?.contribute { sums in
                for index in sums.indices { sums[index] += gradient[index] }
            }
        }
        addWeightsGradient(x, outputGradient.pointer, to: parameterGradients + planned.weights.lowerBound)
        guard let input = memory.inputGradients[0] else { return }
        input.contribute { _ in
            if planned.layer.isTransposed {
                matrix.addConvolution(of: outputGradient.pointer, by: weights, to: input.tensor.pointer)
            } else {
                matrix.addAdjoint(of: outputGradient.pointer, by: weights, to: input.tensor.pointer)
            }
        }
    }

    private func addWeightsGradient(
        _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>
    ) {
        let layer = planned.layer
        guard layer.isTransposed else { return matrix.addWeights(x, gradient, to: sums) }
        var exchanged = [Float](repeating: 0, count: weights.count)
        exchanged.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { matrix.addWeights(gradient, x, to: $0) }
        }
        let terms = Self.exchanged(exchanged, layer.kernel.count, layer.outputChannels, layer.inputChannels)
        for (index, term) in terms.enumerated() { sums[index] += term }
    }

    /// Exchanges the last two of the axes (kernel place, first, second).
    private static func exchanged(_ weights: [Float], _ places: Int, _ first: Int, _ second: Int) -> [Float] {
        (0..<weights.count).map { index in
            let place = index / (first * second), i = index / first % second, j = index % first
            return weights[(place * first + j) * second + i]
        }
    }
}

extension TensorBuffer {
    /// The first number of a float32 tensor.
    fileprivate var pointer: UnsafeMutablePointer<Float> { address.assumingMemoryBound(to: Float.self) }
}
