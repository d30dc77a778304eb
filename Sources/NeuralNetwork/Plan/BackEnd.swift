/// What computes the layers of a network.
public enum BackEnd: Hashable, Sendable {
    /// oneDNN's convolutions and vectorised loops, in either precision.
    case oneDNN
    /// Plain loops and OpenBLAS, in float32 only: what the other is tested against.
    case reference

    /// Makes the layer of one step.
    func layer(_ step: PlanStep, _ memory: LayerMemory) throws(NeuralNetworkError) -> any Layer {
        switch self {
        case .oneDNN: try oneDNNLayer(step, memory)
        case .reference: referenceLayer(step, memory)
        }
    }
}
