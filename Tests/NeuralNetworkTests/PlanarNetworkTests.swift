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
}
