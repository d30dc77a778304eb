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
