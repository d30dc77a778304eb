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
