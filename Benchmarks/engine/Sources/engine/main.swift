// engine REPEATS: evaluates the network that fills gaps, then trains it, and prints the seconds of each.
import Inpainting
import NeuralNetwork

let repeats = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 20
let network = GapNetwork()
let parameters = network.initialParameters(seed: 0)
/// A tile around a seam, as filling has them.
let tile = Extent3(48, 56, 56)

func plan(batch: Int, _ extents: Extent3, training: Bool) throws -> NetworkPlan {
    let plan = try NetworkPlan(network.graph, batch: batch, extents: extents, precision: .automatic, training: training)
    plan.load(parameters)
    plan.withInput { $0.update(repeating: 0.5) }
    return plan
}

func time(_ name: String, _ body: () -> Void) {
    body()  // Warm.
    print("begin \(name)")
    let seconds = ContinuousClock().measure { for _ in 0..<repeats { body() } }
    print("end \(name) \(seconds / .seconds(1))")
}

let filling = try plan(batch: 1, tile, training: false)
time("forward") { filling.forward() }

let learning = try plan(batch: 12, Extent3(32, 32, 32), training: true)
var trained = parameters
var optimiser = Adam(parameterCount: parameters.values.count)
time("training") {
    learning.load(trained)
    learning.forward()
    learning.withOutputGradient { $0.update(repeating: 1e-3) }
    learning.zeroGradients()
    learning.backward()
    _ = learning.withGradients { optimiser.step(&trained, gradients: $0, learningRate: 1e-6, clippingNorm: 1) }
}
