internal import COpenBLAS

@testable import NeuralNetwork

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

/// What a convolution does, as products with the matrix of all patches under its kernel.
///
/// The kernel slides over the *wide* grid, a step of the stride for each voxel of the *narrow* one. Weights are laid
/// out as (kernel frame, row, column, wide channel, narrow channel).
final class PatchMatrix {
    private let layer: Convolution
    private let wide: TensorShape
    private let narrow: TensorShape
    private let padding: Extent3
    /// The patches of one sample: (narrow voxel, kernel frame, row, column, wide channel).
    private var patches: [Float]

    /// Numbers of one patch.
    private var length: Int { layer.kernel.count * wide.channels }

    init(_ layer: Convolution, input: TensorShape, output: TensorShape) {
        self.layer = layer
        (wide, narrow) = layer.isTransposed ? (output, input) : (input, output)
        padding = layer.padding(input: input.extents).before
        patches = [Float](repeating: 0, count: narrow.extents.count * layer.kernel.count * wide.channels)
    }

    /// narrow += patches(wide) · weights
    func addConvolution(
        of wideValues: UnsafePointer<Float>, by weights: [Float], to narrowValues: UnsafeMutablePointer<Float>
    ) {
        for sample in 0..<narrow.batch {
            gather(wideValues + sample * wide.extents.count * wide.channels)
            Self.addProduct(
                patches, weights, rows: narrow.extents.count, inner: length, columns: narrow.channels,
                to: narrowValues + sample * narrow.extents.count * narrow.channels)
        }
    }

    /// wide += the adjoint of `addConvolution`, applied to narrow
    func addAdjoint(
        of narrowValues: UnsafePointer<Float>, by weights: [Float], to wideValues: UnsafeMutablePointer<Float>
    ) {
        for sample in 0..<narrow.batch {
            let part = narrowValues + sample * narrow.extents.count * narrow.channels
            patches.withUnsafeMutableBufferPointer { patches in
                patches.update(repeating: 0)
                guard let target = patches.baseAddress else { return }
                Self.addProduct(
                    part, weights, transposingSecond: true, rows: narrow.extents.count, inner: narrow.channels,
                    columns: length, to: target)
            }
            spread(wideValues + sample * wide.extents.count * wide.channels)
        }
    }

    /// weights += patches(wide)ᵀ · narrow
    func addWeights(
        _ wideValues: UnsafePointer<Float>, _ narrowValues: UnsafePointer<Float>,
        to weights: UnsafeMutablePointer<Float>
    ) {
        for sample in 0..<narrow.batch {
            gather(wideValues + sample * wide.extents.count * wide.channels)
            Self.addProduct(
                patches, transposingFirst: true, narrowValues + sample * narrow.extents.count * narrow.channels,
                rows: length, inner: narrow.extents.count, columns: narrow.channels, to: weights)
        }
    }

    /// c += a · b, for c of so many rows and columns.
    private static func addProduct(
        _ a: UnsafePointer<Float>, transposingFirst: Bool = false, _ b: UnsafePointer<Float>,
        transposingSecond: Bool = false, rows: Int, inner: Int, columns: Int, to c: UnsafeMutablePointer<Float>
    ) {
        cblas_sgemm(
            CblasRowMajor, transposingFirst ? CblasTrans : CblasNoTrans, transposingSecond ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(inner), 1, a, blasint(transposingFirst ? rows : inner), b,
            blasint(transposingSecond ? inner : columns), 1, c, blasint(columns))
    }

    /// Calls `body` for each voxel of each patch: its first number's position, and that of its voxel in the wide grid
    /// or `nil` in the padding.
    private func forEachPatchVoxel(_ body: (Int, Int?) -> Void) {
        var position = 0
        let one = TensorShape(batch: 1, extents: narrow.extents, channels: 1)
        let kernel = TensorShape(batch: 1, extents: layer.kernel, channels: 1)
        forEachVoxel(of: one) { _, frame, row, column in
            forEachVoxel(of: kernel) { _, kernelFrame, kernelRow, kernelColumn in
                let f = frame * layer.stride.frames + kernelFrame * layer.dilation.frames - padding.frames
                let r = row * layer.stride.rows + kernelRow * layer.dilation.rows - padding.rows
                let c = column * layer.stride.columns + kernelColumn * layer.dilation.columns - padding.columns
                let isInside =
                    wide.extents.frameRange.contains(f) && wide.extents.rowRange.contains(r)
                    && wide.extents.columnRange.contains(c)
                body(position, isInside ? wide.position(0, f, r, c) : nil)
                position += wide.channels
            }
        }
    }

    private func gather(_ sample: UnsafePointer<Float>) {
        patches.withUnsafeMutableBufferPointer { patches in
            forEachPatchVoxel { position, voxel in
                for channel in 0..<wide.channels {
                    patches[position + channel] = voxel.map { sample[$0 + channel] } ?? 0
                }
            }
        }
    }

    private func spread(_ sample: UnsafeMutablePointer<Float>) {
        patches.withUnsafeBufferPointer { patches in
            forEachPatchVoxel { position, voxel in
                guard let voxel else { return }
                for channel in 0..<wide.channels { sample[voxel + channel] += patches[position + channel] }
            }
        }
    }
}

extension Extent3 {
    fileprivate var frameRange: Range<Int> { 0..<frames }
    fileprivate var rowRange: Range<Int> { 0..<rows }
    fileprivate var columnRange: Range<Int> { 0..<columns }
}

extension BackEnd {
    /// Plain loops and OpenBLAS, in float32 only: what oneDNN is tested against.
    static let reference = BackEnd(name: "reference", precisions: [.float32]) { step, memory in
        switch step.operation {
        case .convolution(let planned): ReferenceConvolution(planned, memory)
        case .plain(.activation(let activation)): ReferenceActivation(activation, memory)
        case .plain(.sum): ReferenceSum(memory)
        case .plain(.concatenation): ReferenceConcatenation(memory)
        case .plain(.upsampling(let factor)): ReferenceGather(upsampling: factor, memory)
        case .plain(.spaceToDepth(let block)): ReferenceGather(spaceToDepth: block, memory)
        case .plain(.depthToSpace(let block)): ReferenceGather(depthToSpace: block, memory)
        case .plain(.maxPooling(let window)): ReferenceMaxPooling(window, memory)
        case .plain(.input), .plain(.convolution): preconditionFailure("no step of a plan")
        }
    }
}

extension GradientBuffer {
    /// Takes in this reader's contribution: sets the gradient to zero first if nobody has contributed before.
    func contribute(_ add: (UnsafeMutableBufferPointer<Float>) -> Void) {
        if !accumulates { tensor.floats.update(repeating: 0) }
        add(tensor.floats)
    }
}

/// Calls `body` with the position of each voxel of a batch: sample, frame, row, column.
func forEachVoxel(of shape: TensorShape, _ body: (Int, Int, Int, Int) -> Void) {
    for sample in 0..<shape.batch {
        for frame in 0..<shape.extents.frames {
            for row in 0..<shape.extents.rows {
                for column in 0..<shape.extents.columns { body(sample, frame, row, column) }
            }
        }
    }
}

extension TensorShape {
    /// The position of a voxel's first channel.
    func position(_ sample: Int, _ frame: Int, _ row: Int, _ column: Int) -> Int {
        (((sample * extents.frames + frame) * extents.rows + row) * extents.columns + column) * channels
    }
}
