import Testing

@testable import NeuralNetwork

struct TrainingTests {
    private static var line: NetworkGraph {
        var graph = NetworkGraph()
        let x = graph.input(channels: 2)
        graph.output(graph.convolution(x, channels: 1, kernel: 1, name: "line"))
        return graph
    }

    @Test("Adam moves as its definition says")
    func adam() {
        var parameters = ParameterSet(zerosFor: Self.line)
        var adam = Adam(parameterCount: 3)
        adam.weightDecay = 0.1
        var m = [0.0, 0, 0], v = m, expected = m
        for step in 1...5 {
            var gradients: [Float] = [Float(step), -0.5, 1e-3]
            let norm = gradients.withUnsafeMutableBufferPointer {
                adam.step(&parameters, gradients: $0, learningRate: 0.01, clippingNorm: 2)
            }
            let length = gradients.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(Double(norm) - length) < 1e-5)
            for index in 0..<3 {
                let gradient = Double(gradients[index]) * min(1, 2 / length)
                m[index] = 0.9 * m[index] + 0.1 * gradient
                v[index] = 0.999 * v[index] + 0.001 * gradient * gradient
                let (b1, b2) = (1 - power(0.9, step), 1 - power(0.999, step))
                expected[index] *= 1 - 0.01 * 0.1
                expected[index] -= 0.01 * (m[index] / b1) / ((v[index] / b2).squareRoot() + 1e-8)
            }
        }
        for (found, expected) in zip(parameters.values, expected) { #expect(abs(Double(found) - expected) < 1e-5) }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    @Test("A gradient that is not a number changes nothing")
    func notANumber() {
        var parameters = ParameterSet(Self.line, seed: 1)
        let before = parameters
        var adam = Adam(parameterCount: 3)
        var gradients: [Float] = [1, .nan, 1]
        let norm = gradients.withUnsafeMutableBufferPointer {
            adam.step(&parameters, gradients: $0, learningRate: 0.1)
        }
        #expect(norm.isNaN)
        #expect(parameters == before && adam == Adam(parameterCount: 3))
    }

    @Test("A network learns a line", arguments: Precision.ofProcessor)
    func learning(_ precision: Precision) throws {
        let graph = Self.line
        let plan = try NetworkPlan(graph, batch: 1, extents: 4, precision: precision, training: true)
        var parameters = ParameterSet(graph, seed: 1)
        var adam = Adam(parameterCount: parameters.values.count)
        var average = WeightAverage(parameters, decay: 0.99)
        var numbers = TestSequence(seed: 3)
        let schedule = LearningRateSchedule.cosine(peak: 0.05, warmUp: 10, total: 400, final: 0)
        for step in 0..<400 {
            plan.withInput { numbers.fill($0) }
            let truth = plan.withInput { x in stride(from: 0, to: x.count, by: 2).map { 2 * x[$0] - x[$0 + 1] + 0.5 } }
            plan.load(parameters)
            plan.forward()
            plan.withOutput { output in
                plan.withOutputGradient { gradient in
                    for index in gradient.indices { gradient[index] = (output[index] - truth[index]) / 64 }
                }
            }
            plan.zeroGradients()
            plan.backward()
            plan.withGradients { gradients in
                _ = adam.step(
                    &parameters, gradients: gradients, learningRate: schedule.rate(step: step), clippingNorm: 1)
            }
            average.update(parameters)
        }
        for (found, expected) in zip(average.average.values, [2, -1, 0.5] as [Float]) {
            #expect(abs(found - expected) < 0.02)
        }
    }

    @Test("The cosine rises, falls and stays")
    func cosine() {
        let schedule = LearningRateSchedule.cosine(peak: 1, warmUp: 4, total: 104, final: 0.1)
        #expect((0..<4).map { schedule.rate(step: $0) } == [0.25, 0.5, 0.75, 1])
        #expect(abs(schedule.rate(step: 54) - 0.55) < 1e-5)
        #expect(abs(schedule.rate(step: 104) - 0.1) < 1e-6)
        #expect(schedule.rate(step: 1000) == schedule.rate(step: 104))
        #expect(LearningRateSchedule.constant(0.3).rate(step: 7) == 0.3)
    }

    @Test("The rate is cut after the fourth epoch without progress")
    func plateau() {
        var schedule = PlateauSchedule(initial: 1e-3)
        let rates = ([5, 4, 4, 4, 4, 4, 3] as [Float]).map { schedule.update(loss: $0) }
        #expect(rates[..<5].allSatisfy { $0 == 1e-3 })
        #expect(rates[5] == 1e-3 * 0.15 && rates[6] == rates[5])
        for _ in 0..<100 { _ = schedule.update(loss: 9) }
        #expect(schedule.rate == 1e-6)
    }

    @Test("The same seed gives the same parameters, of the right spread")
    func initialisation() {
        var graph = NetworkGraph()
        let x = graph.input(channels: 16)
        let y = graph.convolution(x, channels: 32, kernel: 3, name: "a")
        graph.output(graph.convolution(y, channels: 8, kernel: 3, name: "b"))
        let parameters = ParameterSet(graph, seed: 5, zeroed: ["b"])
        #expect(parameters == ParameterSet(graph, seed: 5, zeroed: ["b"]))
        #expect(parameters != ParameterSet(graph, seed: 6, zeroed: ["b"]))
        #expect(parameters["b.weight"]?.allSatisfy { $0 == 0 } == true)
        let weights = parameters["a.weight"] ?? []
        let variance = weights.reduce(0) { $0 + $1 * $1 } / Float(weights.count)
        #expect(abs(variance * 27 * 16 / 2 - 1) < 0.05)
    }
}
