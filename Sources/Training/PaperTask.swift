internal import Diffraction
internal import Inpainting
internal import NeuralNetwork

/// The paper's network, as a trainer sees it.
struct PaperTask: NetworkTask {
    var graph: NetworkGraph { .paper3D() }

    func initialParameters(seed: UInt64) -> ParameterSet { ParameterSet(graph, seed: seed) }

    func parameters(contentsOf path: String) throws -> ParameterSet { try PaperModel(contentsOf: path).parameters }

    func example(_ patch: TrainingPatch) -> any TrainingExample {
        Example(patch: PaperExample(counts: patch.counts, mask: patch.mask))
    }

    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws {
        try PaperModel(name: name, parameters: parameters, facts: facts).write(to: path)
    }

    private struct Example: TrainingExample {
        let patch: PaperExample

        var features: [Float] { patch.features }

        func add(
            output: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>, share: Float
        ) -> Double {
            patch.add(output: output, gradient: gradient, share: share)
        }

        func estimates(_ output: UnsafeBufferPointer<Float>) -> [GapEstimate] {
            patch.logs(output).map { GapEstimate(mean: $0) }
        }
    }
}
