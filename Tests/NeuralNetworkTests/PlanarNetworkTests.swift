import PublishedNetworks
import Testing

@testable import NeuralNetwork

struct PlanarNetworkTests {
    @Test("The thesis' networks have the thesis' numbers of parameters")
    func parameterCounts() {
        #expect(NetworkGraph.unet2D().parameterCount == 31_827_673)
        #expect(NetworkGraph.msdNet2D().parameterCount == 322_458)
        #expect(NetworkGraph.modifiedUNet2D().parameterCount == 32_652_337)
    }

    @Test("They keep the extents and give numbers between 0 and 1", arguments: 0..<3)
    func output(network: Int) throws {
        let graph = [NetworkGraph.unet2D(), .msdNet2D(), .modifiedUNet2D()][network]
        let plan = try NetworkPlan(graph, batch: 1, extents: Extent3(1, 32, 64))
        var numbers = TestSequence(seed: 1)
        plan.load(ParameterSet(zerosFor: graph))
        plan.withInput { numbers.fill($0) }
        plan.forward()
        #expect(plan.outputShapes == [TensorShape(batch: 1, extents: Extent3(1, 32, 64), channels: 1)])
        plan.withOutput { output in #expect(output.allSatisfy { $0 == 0.5 }) }
    }

    /// Each convolution with kernel, dilation and what it reads; "/2" is a maximum over windows of 2x2, "+" puts channels
    /// behind one another.
    private func wiring(_ graph: NetworkGraph) -> [String] {
        func text(_ tensor: NetworkGraph.Tensor) -> String {
            let node = graph.nodes[tensor.index]
            switch node.operation {
            case .input: return "input"
            case .convolution(let layer): return layer.name
            case .activation: return text(node.inputs[0])
            case .concatenation: return "(" + node.inputs.map(text).joined(separator: " + ") + ")"
            case .maxPooling(let window): return text(node.inputs[0]) + (window == Extent3(1, 2, 2) ? "/2" : "/?")
            default: return "?"
            }
        }
        return graph.nodes.indices.compactMap { index in
            guard case .convolution(let layer) = graph.nodes[index].operation else { return nil }
            let activations = graph.nodes.compactMap { node -> Activation? in
                guard case .activation(let activation) = node.operation, node.inputs[0].index == index else {
                    return nil
                }
                return activation
            }
            let shape = layer.isTransposed ? "up\(layer.kernel.rows)" : "\(layer.kernel.rows)"
            let isSquare = layer.kernel == Extent3(1, layer.kernel.rows, layer.kernel.rows)
            let end: [Activation] = layer.name == "output" ? [.sigmoid(gain: 1)] : [.leakyReLU(slope: 0.2)]
            return "\(layer.name): \(shape)\(isSquare && activations == end ? "" : "?")"
                + " \(layer.dilation.rows) \(text(graph.nodes[index].inputs[0]))"
        } + ["→ " + graph.outputs.map(text).joined(separator: ", ")]
    }

    private let tail = ["head24: 3 1 ", "head12: 3 1 head24", "head6: 3 1 head12", "output: 3 1 head6", "→ output"]

    @Test("The U-Net's skips lead from each level to the same level")
    func unet() {
        let expected = [
            "encoder1: 3 1 input", "encoder2: 3 1 encoder1/2", "encoder3: 3 1 encoder2/2", "encoder4: 3 1 encoder3/2",
            "encoder5: 3 1 encoder4/2", "bottleneck: 3 1 encoder5/2", "decoder1: up3 1 bottleneck",
            "decoder2: up3 1 (decoder1 + encoder5)", "decoder3: up3 1 (decoder2 + encoder4)",
            "decoder4: up3 1 (decoder3 + encoder3)", "decoder5: up3 1 (decoder4 + encoder2)",
        ]
        #expect(wiring(.unet2D()) == expected + [tail[0] + "decoder5"] + tail.dropFirst())
    }

    @Test("The modified U-Net's first blocks are dilated convolutions beside their input")
    func modifiedUNet() {
        func block(_ level: Int, _ dilations: [Int], of input: String) -> [String] {
            dilations.map { "encoder\(level).\($0): 3 \($0) \(input)" }
        }
        func skip(_ level: Int, _ dilations: [Int], of input: String) -> String {
            "(\(input) + " + dilations.map { "encoder\(level).\($0)" }.joined(separator: " + ") + ")"
        }
        let first = skip(1, [16, 8, 4, 2], of: "input")
        let second = skip(2, [10, 5, 3, 1], of: first + "/2")
        let third = skip(3, [5, 3, 2, 1], of: second + "/2")
        let expected =
            block(1, [16, 8, 4, 2], of: "input") + block(2, [10, 5, 3, 1], of: first + "/2")
            + block(3, [5, 3, 2, 1], of: second + "/2") + [
                "encoder4: 3 1 \(third)/2", "encoder5: 3 1 encoder4/2", "bottleneck: 3 1 encoder5/2",
                "decoder1: up3 1 bottleneck", "decoder2: up3 1 (decoder1 + encoder5)",
                "decoder3: up3 1 (decoder2 + encoder4)", "decoder4: up3 1 (decoder3 + \(third))",
                "decoder5: up4 1 (decoder4 + \(second))", tail[0] + "(decoder5 + \(first))",
            ] + tail.dropFirst()
        #expect(wiring(.modifiedUNet2D()) == expected)
    }

    @Test("Each layer of the mixed-scale dense network sees all before it")
    func msdNet() {
        var input = "input"
        var expected: [String] = []
        for dilation in 1...32 {
            expected.append("dense\(dilation): 3 \(dilation) \(input)")
            input = "(dense\(dilation) + \(input))"
        }
        #expect(wiring(.msdNet2D()) == expected + ["output: 1 1 \(input)", "→ output"])
    }
}
