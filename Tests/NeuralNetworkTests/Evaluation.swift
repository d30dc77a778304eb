@testable import NeuralNetwork

/// What a network makes of random input, parameters and output gradients, the same on every run.
struct Evaluation {
    var output: [Float]
    var gradients: [Float]

    init(
        _ graph: NetworkGraph, _ batch: Int, _ extents: Extent3, _ backEnd: BackEnd, _ precision: Precision = .float32,
        parameters: ParameterSet? = nil
    ) throws {
        let plan = try NetworkPlan(
            graph, batch: batch, extents: extents, precision: precision, backEnd: backEnd, training: true)
        var numbers = TestSequence(seed: 7)
        plan.load(parameters ?? ParameterSet(randomFor: graph))
        plan.withInput { numbers.fill($0) }
        plan.forward()
        output = plan.withOutput { Array($0) }
        plan.withOutputGradient { numbers.fill($0) }
        plan.backward()
        gradients = plan.gradients.values
    }
}

/// The root-mean-square difference, relative to the root mean square of what is expected.
func distance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    let difference = zip(found, expected).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let norm = expected.reduce(Float(0)) { $0 + $1 * $1 }
    return (difference / max(norm, .leastNormalMagnitude)).squareRoot()
}
