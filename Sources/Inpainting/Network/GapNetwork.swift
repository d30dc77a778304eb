public import NeuralNetwork
internal import Synchronization
package import Volume
public import WorkMessages

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

/// A network with its weights, as shipped in one file.
public struct GapModel: FillerModel {
    public var name: String
    public var network: GapNetwork
    public var parameters: ParameterSet
    /// How it was trained: steps, seed, hours.
    public var facts: [String: String]

    public init(name: String, network: GapNetwork, parameters: ParameterSet, facts: [String: String]) {
        self.name = name
        self.network = network
        self.parameters = parameters
        self.facts = facts
    }

    public func filler(quality: FillQuality) -> any ScanFiller { NetworkFiller(model: self, quality: quality) }

    private static let format = "lacuna gap network 1"

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        var file = try ModelFile(contentsOf: path, format: Self.format)
        network = GapNetwork(channels: try file.threeNumbers("channels"), blocks: try file.threeNumbers("blocks"))
        name = file.name
        parameters = try file.parameters(of: network.graph)
        facts = file.facts
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        var facts = facts
        facts["channels"] = network.channels.map(String.init).joined(separator: " ")
        facts["blocks"] = network.blocks.map(String.init).joined(separator: " ")
        try ModelFile.write(parameters, format: Self.format, name: name, facts: facts, to: path)
    }
}

/// A file of a network's weights, safetensors, that says which network they are of.
package struct ModelFile {
    let path: String
    /// The name that the network was given when it was trained.
    package let name: String
    /// All else that the file says of it.
    package private(set) var facts: [String: String]
    private let tensors: SafeTensors

    /// - Parameter format: what the file has to be.
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    package init(contentsOf path: String, format expected: String) throws {
        tensors = try SafeTensors(path: path)
        var facts = tensors.metadata
        guard let format = facts.removeValue(forKey: "format"), format == expected else {
            throw ModelError(
                path: path,
                problem: """
                    no model of this program: its format is \(tensors.metadata["format"] ?? "not stated"), expected \
                    “\(expected)”
                    """)
        }
        self.path = path
        name = facts.removeValue(forKey: "name") ?? ""
        self.facts = facts
    }

    /// Takes three numbers out of the facts.
    package mutating func threeNumbers(_ key: String) throws(ModelError) -> [Int] {
        let text = facts.removeValue(forKey: key) ?? ""
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3, numbers.allSatisfy({ (0...1024).contains($0) }) else {
            throw ModelError(path: path, problem: "its \(key) are “\(text)”, expected three numbers")
        }
        return numbers
    }

    /// The weights, for the network that they are of.
    package func parameters(of graph: NetworkGraph) throws -> ParameterSet { try ParameterSet(graph, tensors: tensors) }

    /// Writes weights with half precision.
    package static func write(
        _ parameters: ParameterSet, format: String, name: String, facts: [String: String], to path: String
    ) throws {
        var metadata = facts
        metadata["format"] = format
        metadata["name"] = name
        try parameters.safeTensors(metadata: metadata).write(path: path, storage: .float16)
    }
}

/// A model file that cannot be used.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var problem: String

    package init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}

/// Networks ready for tiles of the shapes met so far, one for each thread that wants one.
package final class PlanCache: Sendable {
    /// A plan that one thread at a time holds.
    struct Plan: @unchecked Sendable {
        // Safe to share: who borrows a plan has it alone until it is given back.
        fileprivate let plan: NetworkPlan
    }

    private let graph: NetworkGraph
    private let parameters: ParameterSet
    private let threads: Int
    private let idle = Mutex<[VolumeShape: [Plan]]>([:])
    private let firstFailure = Mutex<NeuralNetworkError?>(nil)

    /// - Parameters:
    ///   - parameters: those of the graph.
    ///   - threads: how many cores each evaluation uses.
    package init(_ graph: NetworkGraph, _ parameters: ParameterSet, threads: Int = 1) {
        self.graph = graph
        self.parameters = parameters
        self.threads = threads
    }

    /// The first error for which no plan could be made; what it was wanted for was left as it was.
    package var failure: NeuralNetworkError? { firstFailure.withLock { $0 } }

    /// - Parameter extents: (frame, row, column), such that the graph can work on them.
    /// - Returns: `nil` where no plan can be made, e.g. for want of memory; see ``failure``.
    package func borrow(_ extents: VolumeShape) -> NetworkPlan? {
        if let known = idle.withLock({ $0[extents]?.popLast() }) { return known.plan }
        do throws(NeuralNetworkError) {
            let plan = try NetworkPlan(
                graph, batch: 1, extents: Extent3(extents), precision: .automatic, threads: threads)
            plan.load(parameters)
            return plan
        } catch {
            firstFailure.withLock { $0 = $0 ?? error }
            return nil
        }
    }

    package func giveBack(_ plan: NetworkPlan, _ extents: VolumeShape) {
        let plan = Plan(plan: plan)
        idle.withLock { $0[extents, default: []].append(plan) }
    }
}
