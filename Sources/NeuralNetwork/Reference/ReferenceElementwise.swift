internal import Foundation

/// A function of each number, by its definition.
final class ReferenceActivation: Layer {
    private let activation: Activation
    private let memory: LayerMemory

    init(_ activation: Activation, _ memory: LayerMemory) {
        self.activation = activation
        self.memory = memory
    }

    func forward() {
        let (x, y) = (memory.inputs[0].floats, memory.output.floats)
        for index in y.indices { y[index] = activation.value(x[index]) }
    }

    func backward() {
        let (y, gradient) = (memory.output.floats, memory.trained.outputGradient.floats)
        memory.inputGradients[0]?.contribute { sums in
            for index in sums.indices { sums[index] += gradient[index] * activation.slope(atValue: y[index]) }
        }
    }
}

/// The sum of two tensors, by its definition.
final class ReferenceSum: Layer {
    private let memory: LayerMemory

    init(_ memory: LayerMemory) { self.memory = memory }

    func forward() {
        let (a, b, y) = (memory.inputs[0].floats, memory.inputs[1].floats, memory.output.floats)
        for index in y.indices { y[index] = a[index] + b[index] }
    }

    func backward() {
        let gradient = memory.trained.outputGradient.floats
        for input in memory.inputGradients {
            input?.contribute { sums in
                for index in sums.indices { sums[index] += gradient[index] }
            }
        }
    }
}

extension Activation {
    func value(_ x: Float) -> Float {
        switch self {
        case .none: x
        case .leakyReLU(let slope): x > 0 ? x : slope * x
        case .sigmoid(let gain): 1 / (1 + exp(-gain * x))
        }
    }

    /// The derivative where the function takes the value y.
    func slope(atValue y: Float) -> Float {
        switch self {
        case .none: 1
        case .leakyReLU(let slope): y > 0 ? 1 : slope
        case .sigmoid(let gain): gain * y * (1 - y)
        }
    }
}
