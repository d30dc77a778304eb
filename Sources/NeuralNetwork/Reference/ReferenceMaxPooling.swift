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
