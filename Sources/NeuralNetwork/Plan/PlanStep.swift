internal import CConvolution

/// One operation of a planned network, which may stand for several nodes of its graph.
struct PlanStep {
    enum Operation {
        /// leaky(convolution + bias [+ second input]); a slope of 1 leaves the sum as it is.
        case convolution(PlannedConvolution)
        /// Any other operation of the graph.
        case plain(NetworkGraph.Operation)
    }

    var operation: Operation
    /// Indices of tensors.
    var inputs: [Int]
    var output: Int

    /// Inputs whose values the backward pass reads.
    var inputsForBackward: [Int] {
        switch operation {
        case .convolution: [inputs[0]]
        case .plain(.maxPooling): inputs
        case .plain: []
        }
    }

    /// Whether the backward pass reads the value of the output.
    var needsOutputForBackward: Bool {
        switch operation {
        case .convolution(let layer): layer.slope != 1
        case .plain(.activation), .plain(.maxPooling): true
        case .plain: false
        }
    }
}

/// A convolution with what is done to its result on the way out.
struct PlannedConvolution {
    var layer: Convolution
    var addsResidual = false
    /// Of the leaky rectifier; 1 for none.
    var slope: Float = 1
    /// Where its parameters lie in the network's.
    var weights: Range<Int>
    var bias: Range<Int>
}

extension NetworkGraph {
    /// The steps that evaluate the graph, sums and leaky rectifiers joined to the convolutions before them.
    ///
    /// - Precondition: every tensor is read by something or is an output.
    func steps() -> [PlanStep] {
        var readers = [Int](repeating: 0, count: nodes.count)
        for tensor in nodes.flatMap(\.inputs) + outputs { readers[tensor.index] += 1 }
        precondition(!readers.contains(0), "the tensor \(readers.firstIndex(of: 0) ?? 0) is made but never read")
        let layout = parameterLayout

        var steps: [PlanStep] = []
        /// Takes out the bare convolution that makes a tensor for a single reader.
        func takeConvolution(making tensor: Int, where fits: (PlannedConvolution) -> Bool) -> PlanStep? {
            guard readers[tensor] == 1, let index = steps.lastIndex(where: { $0.output == tensor }),
                case .convolution(let planned) = steps[index].operation, fits(planned)
            else { return nil }
            return steps.remove(at: index)
        }

        for (index, node) in nodes.enumerated() {
            let inputs = node.inputs.map(\.index)
            var step = PlanStep(operation: .plain(node.operation), inputs: inputs, output: index)
            switch node.operation {
            case .input: continue
            case .convolution(let layer):
                guard let weights = layout[layer.weightName], let bias = layout[layer.biasName] else { continue }
                step.operation = .convolution(
                    PlannedConvolution(layer: layer, weights: weights.range, bias: bias.range))
            case .sum:
                for (term, other) in [(inputs[1], inputs[0]), (inputs[0], inputs[1])] {
                    guard let maker = takeConvolution(making: term, where: { !$0.addsResidual && $0.slope == 1 }),
                        case .convolution(var planned) = maker.operation
                    else { continue }
                    planned.addsResidual = true
                    step.operation = .convolution(planned)
                    step.inputs = [maker.inputs[0], other]
                    break
                }
            case .activation(.leakyReLU(let slope)):
                guard let maker = takeConvolution(making: inputs[0], where: { $0.slope == 1 }),
                    case .convolution(var planned) = maker.operation
                else { break }
                planned.slope = slope
                step.operation = .convolution(planned)
                step.inputs = maker.inputs
            default: break
            }
            steps.append(step)
        }
        return steps
    }
}

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

/// What computes the layers of a network.
public struct BackEnd: Sendable {
    /// In messages.
    let name: String
    let precisions: Set<Precision>
    /// Makes the layer of one step.
    let layer: @Sendable (PlanStep, LayerMemory) throws(NeuralNetworkError) -> any Layer
}

/// How the numbers of tensors are stored while a network computes; parameters and their gradients are float32 always.
public enum Precision: String, Hashable, Sendable {
    case float32
    /// Half the memory, 8 significant bits; twice as fast on processors with instructions for it, several times on those
    /// with matrix units.
    case bfloat16

    /// bfloat16 where the processor has instructions for it, float32 elsewhere.
    public static let automatic: Precision = lacuna_multiplies_bfloat16() ? .bfloat16 : .float32

    /// Bytes of one number.
    var size: Int { self == .float32 ? 4 : 2 }
}
