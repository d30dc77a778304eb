extension NetworkGraph {
    /// The extents of every tensor, by index, for given extents of the inputs.
    ///
    /// - Throws: `NeuralNetworkError.extents` where an operation cannot work on what reaches it.
    func extents(input: Extent3) throws(NeuralNetworkError) -> [Extent3] {
        var known: [Extent3] = []
        for node in nodes { known.append(try Self.extents(node, node.inputs.map { known[$0.index] }, input)) }
        return known
    }

    private static func extents(
        _ node: Node, _ inputs: [Extent3], _ input: Extent3
    ) throws(NeuralNetworkError) -> Extent3 {
        guard let first = inputs.first else { return input }
        switch node.operation {
        case .input, .activation: return first
        case .convolution(let layer): return layer.outputExtents(first)
        case .sum, .concatenation:
            for other in inputs where other != first {
                throw .extents(operation: "a sum or concatenation", expected: "\(first)", found: "\(other)")
            }
            return first
        case .upsampling(let factor), .depthToSpace(let factor): return .zip(first, factor, *)
        case .spaceToDepth(let block):
            guard Extent3.zip(first, block, %) == 0 else {
                throw .extents(operation: "space to depth", expected: "multiples of \(block)", found: "\(first)")
            }
            return .zip(first, block, /)
        case .maxPooling(let window):
            let pooled = Extent3.zip(first, window, /)
            guard pooled.count > 0 else {
                throw .extents(operation: "max pooling", expected: "at least \(window)", found: "\(first)")
            }
            return pooled
        }
    }
}
