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
