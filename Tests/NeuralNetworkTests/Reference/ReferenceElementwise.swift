import Foundation

@testable import NeuralNetwork

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

/// The channels of several tensors behind one another, voxel by voxel.
final class ReferenceConcatenation: Layer {
    private let memory: LayerMemory

    init(_ memory: LayerMemory) { self.memory = memory }

    func forward() {
        let y = memory.output
        var first = 0
        for x in memory.inputs {
            for voxel in 0..<y.shape.voxels {
                for channel in 0..<x.shape.channels {
                    y.floats[voxel * y.shape.channels + first + channel] = x.floats[voxel * x.shape.channels + channel]
                }
            }
            first += x.shape.channels
        }
    }

    func backward() {
        let gradient = memory.trained.outputGradient
        var first = 0
        for (x, input) in zip(memory.inputs, memory.inputGradients) {
            let channels = x.shape.channels
            input?.contribute { sums in
                for voxel in 0..<x.shape.voxels {
                    for channel in 0..<channels {
                        let from = voxel * gradient.shape.channels + first + channel
                        sums[voxel * channels + channel] += gradient.floats[from]
                    }
                }
            }
            first += channels
        }
    }
}

/// Any operation whose outputs are copies of inputs, by a table that says which.
final class ReferenceGather: Layer {
    private let memory: LayerMemory
    /// For each element of the output, the element of the input that it copies.
    private let sources: [Int]

    /// Each voxel repeated.
    init(upsampling factor: Extent3, _ memory: LayerMemory) {
        self.memory = memory
        sources = Self.table(memory) { frame, row, column, channel in
            (frame / factor.frames, row / factor.rows, column / factor.columns, channel)
        }
    }

    /// Blocks of voxels made channels.
    init(spaceToDepth block: Extent3, _ memory: LayerMemory) {
        self.memory = memory
        let channels = memory.inputs[0].shape.channels
        sources = Self.table(memory) { frame, row, column, channel in
            let place = channel / channels
            return (
                frame * block.frames + place / (block.rows * block.columns),
                row * block.rows + place / block.columns % block.rows,
                column * block.columns + place % block.columns, channel % channels
            )
        }
    }

    /// Channels made blocks of voxels.
    init(depthToSpace block: Extent3, _ memory: LayerMemory) {
        self.memory = memory
        let channels = memory.output.shape.channels
        sources = Self.table(memory) { frame, row, column, channel in
            let line = frame % block.frames * block.rows + row % block.rows
            let place = line * block.columns + column % block.columns
            return (
                frame / block.frames, row / block.rows, column / block.columns, place * channels + channel
            )
        }
    }

    /// - Parameter source: the input's frame, row, column and channel for the output's.
    private static func table(
        _ memory: LayerMemory, _ source: (Int, Int, Int, Int) -> (Int, Int, Int, Int)
    ) -> [Int] {
        let (input, output) = (memory.inputs[0].shape, memory.output.shape)
        var table: [Int] = []
        forEachVoxel(of: output) { sample, frame, row, column in
            for channel in 0..<output.channels {
                let from = source(frame, row, column, channel)
                table.append(input.position(sample, from.0, from.1, from.2) + from.3)
            }
        }
        return table
    }

    func forward() {
        let (x, y) = (memory.inputs[0].floats, memory.output.floats)
        for (index, source) in sources.enumerated() { y[index] = x[source] }
    }

    func backward() {
        let gradient = memory.trained.outputGradient.floats
        memory.inputGradients[0]?.contribute { sums in
            for (index, source) in sources.enumerated() { sums[source] += gradient[index] }
        }
    }
}

/// The largest value of each window; its gradient goes to the first voxel that has it.
final class ReferenceMaxPooling: Layer {
    private let memory: LayerMemory
    private let window: Extent3
    /// For each element of the output, the element of the input that it is.
    private var winners: [Int]

    init(_ window: Extent3, _ memory: LayerMemory) {
        self.memory = memory
        self.window = window
        winners = [Int](repeating: 0, count: memory.output.shape.count)
    }

    func forward() {
        let (input, output) = (memory.inputs[0], memory.output)
        let (x, y) = (input.floats, output.floats)
        forEachVoxel(of: output.shape) { sample, frame, row, column in
            for channel in 0..<output.shape.channels {
                var winner: Int?
                for place in 0..<window.count {
                    let from = input.shape.position(
                        sample, frame * window.frames + place / (window.rows * window.columns),
                        row * window.rows + place / window.columns % window.rows,
                        column * window.columns + place % window.columns)
                    if winner.map({ x[from + channel] > x[$0] }) ?? true { winner = from + channel }
                }
                let index = output.shape.position(sample, frame, row, column) + channel
                winners[index] = winner ?? 0
                y[index] = x[winners[index]]
            }
        }
    }

    func backward() {
        let gradient = memory.trained.outputGradient.floats
        memory.inputGradients[0]?.contribute { sums in
            for (index, winner) in winners.enumerated() { sums[winner] += gradient[index] }
        }
    }
}
