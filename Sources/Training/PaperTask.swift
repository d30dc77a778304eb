internal import Diffraction
internal import Inpainting
internal import NeuralNetwork
internal import PublishedNetworks
internal import Volume

/// The paper's network, as a trainer sees it.
struct PaperTask: NetworkTask {
    var graph: NetworkGraph { .paper3D() }

    func initialParameters(seed: UInt64) -> ParameterSet { ParameterSet(graph, seed: seed) }

    func parameters(contentsOf path: String) throws -> ParameterSet { try PaperModel(contentsOf: path).parameters }

    func example(_ patch: TrainingPatch, seen: VolumeShape) -> any TrainingExample {
        PaperExample(counts: patch.counts, mask: patch.mask)
    }

    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws {
        try PaperModel(name: name, parameters: parameters, facts: facts).write(to: path)
    }
}

extension PaperExample: TrainingExample {
    func estimates(_ output: UnsafeBufferPointer<Float>) -> [GapEstimate] {
        logs(output).map { GapEstimate(mean: $0) }
    }
}
