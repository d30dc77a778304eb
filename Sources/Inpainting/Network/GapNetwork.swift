public import NeuralNetwork

/// The network that refines kriging: its architecture, what it is told and what it says.
///
/// A U-shaped residual network on blocks of 2 × 2 × 2 voxels (N, D = frame, H = row, W = column, C). It is told what
/// kriging made of a tile, and corrects it: fringes come from kriging, their amplitude, their sharp minima and the
/// envelope from the network. It is fully convolutional, so that one set of weights serves tiles of any extents and
/// gaps of any width and form.
///
/// Source: the shape of Ronneberger et al. 2015 (U-Net) with the residual blocks of He et al. 2016.
public struct GapNetwork: Hashable, Sendable, CustomStringConvertible {
    /// Channels at a half, a quarter and an eighth of the resolution.
    public var channels: [Int]
    /// Residual blocks at these resolutions on the way down.
    public var blocks: [Int]

    public var description: String { "channels \(channels), blocks \(blocks)" }

    public init(channels: [Int] = [32, 96, 128], blocks: [Int] = [1, 2, 2]) {
        precondition(channels.count == 3 && blocks.count == 3, "three resolutions")
        self.channels = channels
        self.blocks = blocks
    }

    /// What the network is told of each voxel; see ``TileFeatures``.
    public static let inputChannels = 6
    /// What it says about each voxel; see ``Correction``.
    public static let outputChannels = 3
    /// Extents of a tile are multiples of this.
    public static let extentMultiple = 8

    private static let slope: Float = 0.1

    /// The layers, with ``inputChannels`` and ``outputChannels`` at full resolution.
    public var graph: NetworkGraph {
        var graph = NetworkGraph()
        let voxels = graph.input(channels: Self.inputChannels)
        var state = graph.spaceToDepth(voxels, block: 2)
        var skips: [NetworkGraph.Tensor] = []
        for level in channels.indices {
            state = graph.convolution(
                state, channels: channels[level], kernel: level == 0 ? 3 : 2,
                stride: level == 0 ? 1 : 2, activation: .leakyReLU(slope: Self.slope), name: "down\(level)")
            for block in 0..<blocks[level] {
                state = residual(state, in: &graph, name: "down\(level).block\(block)")
            }
            skips.append(state)
        }
        for level in channels.indices.dropLast().reversed() {
            let narrowed = graph.convolution(
                state, channels: channels[level], kernel: 1, activation: .leakyReLU(slope: Self.slope),
                name: "up\(level)")
            state = graph.sum(graph.nearestUpsampling(narrowed, factor: 2), skips[level])
            state = residual(state, in: &graph, name: "up\(level).block")
        }
        let answer = graph.convolution(
            state, channels: 8 * Self.outputChannels, kernel: 3, name: Self.lastLayer)
        graph.output(graph.depthToSpace(answer, block: 2))
        return graph
    }

    /// The layer that starts at zero, so that an untrained network leaves kriging as it is.
    static let lastLayer = "answer"

    /// The parameters of an untrained network.
    ///
    /// Residual branches start at zero too, which keeps a network without normalisation in bounds (Zhang et al. 2019,
    /// arXiv:1901.09321).
    public func initialParameters(seed: UInt64) -> ParameterSet {
        let graph = graph
        let branches = graph.parameterShapes.map(\.name).filter { $0.hasSuffix(".second.weight") }
        return ParameterSet(
            graph, seed: seed, zeroed: Set(branches.map { String($0.dropLast(".weight".count)) } + [Self.lastLayer]))
    }

    private func residual(_ input: NetworkGraph.Tensor, in graph: inout NetworkGraph, name: String)
        -> NetworkGraph.Tensor
    {
        let first = graph.convolution(
            input, channels: input.channels, kernel: 3, activation: .leakyReLU(slope: Self.slope),
            name: "\(name).first")
        let second = graph.convolution(
            first, channels: input.channels, kernel: 3, name: "\(name).second")
        return graph.activation(graph.sum(input, second), .leakyReLU(slope: Self.slope))
    }
}
