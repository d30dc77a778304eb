extension ParameterSet {
    /// The parameters of a network from a weight file.
    ///
    /// - Throws: `NeuralNetworkError.missingTensor` and `.tensorShape` where the file belongs to another network,
    ///   `.unsupported` if a number is not finite.
    public init(_ graph: NetworkGraph, tensors: SafeTensors) throws(NeuralNetworkError) {
        self.init(zerosFor: graph)
        for entry in layout.entries {
            guard let tensor = tensors.tensors[entry.name] else { throw .missingTensor(name: entry.name) }
            guard tensor.shape == entry.shape else {
                throw .tensorShape(name: entry.name, expected: entry.shape, found: tensor.shape)
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw .unsupported("an infinite number in the tensor '\(entry.name)'")
            }
            values.replaceSubrange(entry.range, with: tensor.values)
        }
    }

    /// The parameters as the tensors of a weight file.
    public func safeTensors(metadata: [String: String] = [:]) -> SafeTensors {
        var file = SafeTensors(metadata: metadata)
        for entry in layout.entries {
            file.tensors[entry.name] = SafeTensors.Tensor(shape: entry.shape, values: Array(values[entry.range]))
        }
        return file
    }
}
