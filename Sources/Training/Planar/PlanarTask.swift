internal import Diffraction
internal import Foundation
internal import Inpainting
internal import NeuralNetwork
internal import PublishedNetworks
internal import Volume

/// One of the two-dimensional networks of the thesis, as a trainer sees it.
struct PlanarTask: NetworkTask {
    let network: PlanarNetwork
    let loss: ImageLoss
    /// Rows and columns of the patterns that it is scored on.
    let extent: Int
    private static let levelPatterns = 8

    var graph: NetworkGraph { network.graph }

    func window(width: Int) -> VolumeShape { VolumeShape(frames: 1, rows: extent, columns: extent) }

    /// Random weights, with the last bias at the level of some patterns: from 0.5 a network has to unlearn brightness first.
    func initialParameters(seed: UInt64) -> ParameterSet {
        var parameters = ParameterSet(graph, seed: seed)
        let stream = PlanarStream(seed: seed)
        let levels = concurrentMap(0..<Self.levelPatterns) { index in
            let shape = window(width: 0)
            let features = example(stream.patch(index, shape: shape, gaps: .seams), seen: shape).features
            return features.reduce(0, +) / Float(features.count)
        }
        let level = levels.reduce(0, +) / Float(levels.count)
        parameters.withValues(of: "output.bias") { $0[0] = log(level / (1 - level)) }
        return parameters
    }

    func parameters(contentsOf path: String) throws -> ParameterSet {
        let model = try PlanarModel(contentsOf: path)
        guard model.network == network else {
            throw TrainingError(
                path: path, problem: "weights of a \(model.network.rawValue), expected \(network.rawValue)")
        }
        return model.parameters
    }

    func example(_ patch: TrainingPatch, seen: VolumeShape) -> any TrainingExample {
        PaperExample(counts: patch.counts, mask: patch.mask, loss: loss)
    }

    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws {
        var facts = facts
        facts["loss"] = loss.rawValue
        try PlanarModel(name: name, network: network, parameters: parameters, facts: facts).write(to: path)
    }
}
