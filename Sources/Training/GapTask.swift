internal import Diffraction
internal import Inpainting
internal import NeuralNetwork

/// The network that corrects kriging, as a trainer sees it.
struct GapTask: NetworkTask {
    let network: GapNetwork
    let loss: GapLoss
    private let kriging = Kriging()

    init(network: GapNetwork, uncertaintyWeight: Float) {
        self.network = network
        loss = GapLoss(uncertaintyWeight: uncertaintyWeight)
    }

    var graph: NetworkGraph { network.graph }

    func initialParameters(seed: UInt64) -> ParameterSet { network.initialParameters(seed: seed) }

    func parameters(contentsOf path: String) throws -> ParameterSet {
        let model = try GapModel(contentsOf: path)
        guard model.network == network else {
            throw TrainingError(path: path, problem: "weights of a network of \(model.network), expected \(network)")
        }
        return model.parameters
    }

    func example(_ patch: TrainingPatch) -> any TrainingExample {
        Example(gap: GapExample(patch, kriging: kriging), loss: loss)
    }

    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws {
        try GapModel(name: name, network: network, parameters: parameters, facts: facts).write(to: path)
    }

    private struct Example: TrainingExample {
        let gap: GapExample
        let loss: GapLoss

        var features: [Float] { gap.features }

        func add(
            output: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>, share: Float
        ) -> Double {
            loss.add(gap, answer: output, gradient: gradient, share: share).error
        }

        func estimates(_ output: UnsafeBufferPointer<Float>) -> [GapEstimate] {
            gap.gap.map { voxel in
                let channel = Int(voxel.position) * GapNetwork.outputChannels
                let correction = Correction(UnsafeBufferPointer(rebasing: output[channel...]))
                return GapEstimate(
                    mean: correction.mean(
                        kriged: voxel.kriged, background: voxel.background, deviation: voxel.deviation),
                    deviation: correction.deviation(kriged: voxel.deviation))
            }
        }
    }
}
