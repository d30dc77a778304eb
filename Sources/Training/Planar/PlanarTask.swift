internal import Diffraction
internal import Inpainting
internal import NeuralNetwork
internal import Volume

/// One of the two-dimensional networks of the thesis, as a trainer sees it.
struct PlanarTask: NetworkTask {
    let network: PlanarNetwork
    let loss: ImageLoss

    var graph: NetworkGraph { network.graph }

    func window(width: Int) -> VolumeShape { VolumeShape(frames: 1, frame: PlanarNetwork.image) }

    func initialParameters(seed: UInt64) -> ParameterSet { ParameterSet(graph, seed: seed) }

    func parameters(contentsOf path: String) throws -> ParameterSet {
        let model = try PlanarModel(contentsOf: path)
        guard model.network == network else {
            throw TrainingError(
                path: path, problem: "weights of a \(model.network.rawValue), expected \(network.rawValue)")
        }
        return model.parameters
    }

    func example(_ patch: TrainingPatch) -> any TrainingExample {
        PaperExample(counts: patch.counts, mask: patch.mask, loss: loss)
    }

    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws {
        var facts = facts
        facts["loss"] = loss.rawValue
        try PlanarModel(name: name, network: network, parameters: parameters, facts: facts).write(to: path)
    }
}
