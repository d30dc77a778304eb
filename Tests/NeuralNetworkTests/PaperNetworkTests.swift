import PublishedNetworks
import Testing

@testable import NeuralNetwork

struct PaperNetworkTests {
    @Test("The paper's network has the paper's number of parameters")
    func parameterCount() {
        #expect(NetworkGraph.paper3D().parameterCount == 2_771_309)
    }

    @Test("It keeps the extents and gives numbers between 0 and 1")
    func output() throws {
        let graph = NetworkGraph.paper3D()
        let plan = try NetworkPlan(graph, batch: 1, extents: 32)
        var numbers = TestSequence(seed: 1)
        plan.load(ParameterSet(graph, seed: 1))
        plan.withInput { numbers.fill($0) }
        plan.forward()
        #expect(plan.outputShapes == [TensorShape(batch: 1, extents: 32, channels: 1)])
        plan.withOutput { output in #expect(output.allSatisfy { $0 > 0 && $0 < 1 }) }
    }

    /// Each convolution with kernel, dilation and what it reads; "/2" is a maximum over windows of 2x2x2, "*2" doubles the
    /// resolution, "+" puts channels behind one another.
    @Test("Its layers are wired as the paper draws them")
    func wiring() {
        let graph = NetworkGraph.paper3D()
        func text(_ tensor: NetworkGraph.Tensor) -> String {
            let node = graph.nodes[tensor.index]
            return switch node.operation {
            case .input: "input"
            case .convolution(let layer): layer.name
            case .activation: text(node.inputs[0])
            case .concatenation: "(" + node.inputs.map(text).joined(separator: " + ") + ")"
            case .maxPooling(let window): text(node.inputs[0]) + (window == 2 ? "/2" : "/?")
            case .upsampling(let factor): text(node.inputs[0]) + (factor == 2 ? "*2" : "*?")
            default: "?"
            }
        }
        func cube(_ extent: Extent3) -> String {
            extent == Extent3(extent.rows, extent.rows, extent.rows) ? "\(extent.rows)" : "?"
        }
        let found = graph.nodes.compactMap { node -> String? in
            guard case .convolution(let layer) = node.operation else { return nil }
            let kernel = (layer.isTransposed ? "up" : "") + cube(layer.kernel)
            return "\(layer.name): \(kernel) \(cube(layer.dilation)) \(text(node.inputs[0]))"
        }
        func block(_ name: String, of input: String) -> String {
            "(\(input) + " + (1...4).map { "\(name).\($0)" }.joined(separator: " + ") + ")/2"
        }
        let first = block("encoder1", of: "input")
        let second = block("encoder2", of: first)
        let expected =
            zip(1...4, [4, 3, 2, 1]).map { "encoder1.\($0): 3 \($1) input" }
            + zip(1...4, [3, 2, 2, 1]).map { "encoder2.\($0): 2 \($1) \(first)" } + [
                "encoder3: 2 1 \(second)", "encoder4: 2 1 encoder3/2", "bottleneck: up2 1 encoder4/2",
                "decoder1: up2 1 (bottleneck*2 + encoder3/2)", "decoder2: up2 1 (decoder1*2 + \(second))",
                "decoder3: up2 1 (decoder2*2 + \(first))", "head1: 4 1 decoder3*2", "head2: 3 1 head1",
                "head3: 2 1 head2", "head4: 1 1 head3",
            ]
        #expect(found == expected)
        #expect(graph.outputs.map(text) == ["head4"])
    }

    @Test("Its gradients agree with the reference")
    func gradients() throws {
        let graph = NetworkGraph.paper3D()
        let parameters = ParameterSet(graph, seed: 1)
        let expected = try Evaluation(graph, 1, 16, .reference, parameters: parameters)
        let found = try Evaluation(graph, 1, 16, .oneDNN, parameters: parameters)
        #expect(distance(found.output, expected.output) < 1e-4)
        #expect(distance(found.gradients, expected.gradients) < 1e-3)
    }
}
