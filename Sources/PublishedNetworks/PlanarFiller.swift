internal import Foundation
public import Inpainting
public import NeuralNetwork
public import Volume

/// Fills each frame on its own by one of the two-dimensional networks of the thesis; a rival for studies.
///
/// The network sees the whole frame as log(1+I), scaled to 0 ... 1 over the measured pixels. There is no uncertainty.
public final class PlanarFiller: GapFiller {
    public var failure: (any Error)? { plans.failure }

    private let plans: PlanCache

    public init(model: PlanarModel) {
        plans = PlanCache(model.network.graph, model.parameters, threads: Threads.count)
    }

    /// - Precondition: the rows and columns of a frame are multiples of ``PlanarNetwork/extentMultiple``.
    public func fill(_ block: inout FrameBlock) {
        let shape = VolumeShape(frames: 1, frame: block.data.shape.frame)
        guard let plan = plans.borrow(shape) else { return }
        defer { plans.giveBack(plan, shape) }
        for frame in block.frames {
            let voxels = block.data.range(ofFrame: frame)
            let logs = Volume(shape: shape, storage: block.data.storage[voxels].map { log1p($0) })
            let scaled = ScaledPatch(logs: logs, masks: [block.plans[frame].mask])
            plan.setInput([scaled.voxels])
            plan.forward()
            let fillable = block.plans[frame].fillable.storage
            plan.withOutput { output in
                for pixel in fillable.indices where fillable[pixel] {
                    block.data.storage[voxels.lowerBound + pixel] = max(0, expm1(scaled.log(output[pixel])))
                }
            }
        }
    }
}

/// One of the two-dimensional networks with its weights, as kept in one file.
public struct PlanarModel: Sendable {
    /// The name it was given when it was trained.
    public var name: String
    public var network: PlanarNetwork
    public var parameters: ParameterSet
    /// How it was trained: loss, steps, seed, hours.
    public var facts: [String: String]

    private static let format = "lacuna planar network 1"

    public init(name: String, network: PlanarNetwork, parameters: ParameterSet, facts: [String: String] = [:]) {
        self.name = name
        self.network = network
        self.parameters = parameters
        self.facts = facts
    }

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        let file = try ModelFile(contentsOf: path, format: Self.format)
        var facts = file.facts
        let architecture = facts.removeValue(forKey: "architecture") ?? ""
        guard let network = PlanarNetwork(rawValue: architecture) else {
            throw ModelError(path: path, problem: "its architecture is “\(architecture)”")
        }
        self.init(
            name: file.name, network: network, parameters: try file.parameters(of: network.graph), facts: facts)
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        var facts = facts
        facts["architecture"] = network.rawValue
        try ModelFile.write(parameters, format: Self.format, name: name, facts: facts, to: path)
    }
}

/// The two-dimensional networks of the thesis, by the names of recipes and tables.
///
/// Source: thesis, section 4.3.2 and table 4.1.
public enum PlanarNetwork: String, CaseIterable, Sendable, Codable {
    case unet
    case msdNet = "msd-net"
    /// The U-Net with dilated convolutions in its first three blocks.
    case modifiedUNet = "modified-unet"

    /// The images that the thesis trains on, (row, column).
    public static let image = FrameShape(rows: 128, columns: 128)
    /// Extents of an image are multiples of this.
    public static let extentMultiple = 32

    public var graph: NetworkGraph {
        switch self {
        case .unet: .unet2D()
        case .msdNet: .msdNet2D()
        case .modifiedUNet: .modifiedUNet2D()
        }
    }
}
