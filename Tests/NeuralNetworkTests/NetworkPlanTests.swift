import Testing

@testable import NeuralNetwork

struct NetworkPlanTests {
    /// Two levels with skips, residual blocks and two outputs, one of them within the network.
    private static func smallNetwork() -> NetworkGraph {
        let leaky = Activation.leakyReLU(slope: 0.1)
        var graph = NetworkGraph()
        let first = graph.input(channels: 2), second = graph.input(channels: 1)
        let stem = graph.spaceToDepth(graph.concatenation([first, second]), block: 2)
        let fine = graph.convolution(stem, channels: 16, kernel: 3, activation: leaky, name: "fine")
        var x = graph.convolution(fine, channels: 24, kernel: 3, stride: 2, activation: leaky, name: "down")
        let branch = graph.convolution(x, channels: 24, kernel: 3, activation: leaky, name: "a")
        x = graph.sum(x, graph.convolution(branch, channels: 24, kernel: 3, name: "b"))
        graph.output(x)
        x = graph.nearestUpsampling(graph.convolution(x, channels: 16, kernel: 1, name: "up"), factor: 2)
        x = graph.convolution(graph.sum(x, fine), channels: 16, kernel: 3, name: "head")
        graph.output(graph.depthToSpace(x, block: 2))
        return graph
    }

    /// Everything that one training step gives: both outputs, and the gradients.
    private func step(_ plan: NetworkPlan, _ parameters: ParameterSet) -> [[Float]] {
        var numbers = TestSequence(seed: 1)
        plan.load(parameters)
        plan.withInput(0) { numbers.fill($0) }
        plan.withInput(1) { numbers.fill($0) }
        plan.forward()
        plan.withOutputGradient(0) { numbers.fill($0) }
        plan.withOutputGradient(1) { numbers.fill($0) }
        plan.zeroGradients()
        plan.backward()
        return [plan.withOutput(0) { Array($0) }, plan.withOutput(1) { Array($0) }, plan.gradients.values]
    }

    @Test("A whole network agrees with the reference")
    func reference() throws {
        let graph = Self.smallNetwork()
        let parameters = ParameterSet(randomFor: graph)
        let expected = step(
            try NetworkPlan(graph, batch: 2, extents: 8, backEnd: .reference, training: true), parameters)
        let found = step(try NetworkPlan(graph, batch: 2, extents: 8, training: true), parameters)
        for (found, expected) in zip(found, expected) { #expect(distance(found, expected) < 1e-4) }
    }

    @Test("The same step gives the same bytes", arguments: Precision.ofProcessor)
    func determinism(_ precision: Precision) throws {
        let graph = Self.smallNetwork()
        let parameters = ParameterSet(graph, seed: 4)
        let plan = try NetworkPlan(graph, batch: 16, extents: 16, precision: precision, training: true)
        let first = step(plan, parameters)
        #expect(step(plan, parameters) == first)
        let again = try NetworkPlan(graph, batch: 16, extents: 16, precision: precision, training: true)
        #expect(step(again, parameters) == first)
    }

    @Test("Memory shared between layers does not change the result")
    func inference() throws {
        let graph = Self.smallNetwork()
        let parameters = ParameterSet(graph, seed: 4)
        let training = try NetworkPlan(graph, batch: 3, extents: Extent3(8, 12, 4), training: true)
        let inference = try NetworkPlan(graph, batch: 3, extents: Extent3(8, 12, 4))
        for plan in [training, inference] {
            var numbers = TestSequence(seed: 1)
            plan.load(parameters)
            plan.withInput(0) { numbers.fill($0) }
            plan.withInput(1) { numbers.fill($0) }
            plan.forward()
        }
        for index in 0..<2 {
            #expect(training.withOutput(index) { Array($0) } == inference.withOutput(index) { Array($0) })
        }
    }

    @Test("Gradients add up over backward passes")
    func accumulation() throws {
        let graph = Self.smallNetwork()
        let plan = try NetworkPlan(graph, batch: 1, extents: 8, training: true)
        let once = step(plan, ParameterSet(graph, seed: 4))[2]
        plan.withInput(0) { _ in }
        plan.forward()
        plan.backward()
        #expect(distance(plan.gradients.values, once.map { 2 * $0 }) < 1e-5)
    }

    @Test("Extents that do not fit are refused")
    func unfit() {
        let graph = Self.smallNetwork()
        for extents in [Extent3(7, 8, 8), Extent3(8, 6, 8), Extent3(0, 8, 8), 1024, Extent3(8, 8, 1 << 60)] {
            #expect(throws: NeuralNetworkError.self) { try NetworkPlan(graph, batch: 1, extents: extents) }
        }
        #expect(throws: NeuralNetworkError.self) { try NetworkPlan(graph, batch: 0, extents: 8) }
        #expect(throws: NeuralNetworkError.unsupported("bfloat16 on the reference back end")) {
            try NetworkPlan(graph, batch: 1, extents: 8, precision: .bfloat16, backEnd: .reference)
        }
    }

    @Test("Buffers that live at once never overlap")
    func memory() {
        var numbers = TestSequence(seed: 2)
        var plan = MemoryPlan()
        var requests: [(size: Int, first: Int, last: Int)] = []
        for _ in 0..<60 {
            let first = Int(abs(numbers.next()) * 30)
            let request = (Int(abs(numbers.next()) * 1000), first, first + Int(abs(numbers.next()) * 8))
            requests.append(request)
            _ = plan.add(bytes: request.0, from: request.1, through: request.2)
        }
        let (offsets, size) = plan.layout()
        for (i, a) in requests.enumerated() {
            #expect(offsets[i] % MemoryPlan.alignment == 0 && offsets[i] + a.size <= size)
            for (j, b) in requests.enumerated() where j > i && a.first <= b.last && b.first <= a.last {
                #expect(offsets[i] + a.size <= offsets[j] || offsets[j] + b.size <= offsets[i])
            }
        }
        #expect(size < requests.reduce(0) { $0 + $1.size } / 2)
    }
}
