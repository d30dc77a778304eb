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
