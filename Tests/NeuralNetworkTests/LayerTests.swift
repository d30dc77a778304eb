import Testing

@testable import NeuralNetwork

struct LayerTests {
    @Test("oneDNN computes what plain loops do", arguments: LayerCase.all)
    func agreement(_ layer: LayerCase) throws {
        let expected = try Evaluation(layer.graph, layer.batch, layer.extents, .reference)
        let found = try Evaluation(layer.graph, layer.batch, layer.extents, .oneDNN)
        #expect(distance(found.output, expected.output) < 1e-4)
        #expect(distance(found.gradients, expected.gradients) < 1e-4)
    }

    @Test(
        "bfloat16 stays within its precision", .enabled(if: Precision.hasBfloat16, "this processor has no AVX-512"),
        arguments: LayerCase.all)
    func bfloat16(_ layer: LayerCase) throws {
        let expected = try Evaluation(layer.graph, layer.batch, layer.extents, .reference)
        let found = try Evaluation(layer.graph, layer.batch, layer.extents, .oneDNN, .bfloat16)
        #expect(distance(found.output, expected.output) < 0.02)
        #expect(distance(found.gradients, expected.gradients) < 0.08)
    }

    @Test("Gradients are the slopes of the loss", arguments: LayerCase.all)
    func centralDifferences(_ layer: LayerCase) throws {
        let graph = layer.graph
        let plan = try NetworkPlan(
            graph, batch: layer.batch, extents: layer.extents, backEnd: .reference, training: true)
        var parameters = ParameterSet(randomFor: graph)
        var numbers = TestSequence(seed: 11)
        plan.withInput { numbers.fill($0) }
        // The loss is a fixed weighted sum of the output, whose gradient is the weights.
        var weights = [Float](repeating: 0, count: plan.outputShapes[0].count)
        weights.withUnsafeMutableBufferPointer { numbers.fill($0) }
        func loss() -> Double {
            plan.load(parameters)
            plan.forward()
            return plan.withOutput { output in zip(output, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        }
        _ = loss()
        plan.withOutputGradient { _ = $0.update(from: weights) }
        plan.backward()
        let gradients = plan.gradients.values

        // Along random directions, a step small enough that few rectifiers and maxima change sides.
        let step: Float = 5e-5
        for _ in 0..<4 {
            let direction = (0..<parameters.values.count).map { _ in numbers.next() }
            let start = parameters.values
            parameters.values = zip(start, direction).map { $0 + step * $1 }
            let above = loss()
            parameters.values = zip(start, direction).map { $0 - step * $1 }
            let below = loss()
            parameters.values = start
            let measured = (above - below) / Double(2 * step)
            let expected = zip(gradients, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            let scale = zip(gradients, direction).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
            // Float32 rounds the loss by about 1e-6, which the step makes 0.01.
            #expect(abs(measured - expected) < 1e-3 * scale + 0.01, "\(measured) instead of \(expected)")
        }
    }
}
