internal import CConvolution

extension BackEnd {
    func oneDNNLayer(_ step: PlanStep, _ memory: LayerMemory) throws(NeuralNetworkError) -> any Layer {
        switch step.operation {
        case .convolution(let planned): try OneDNNConvolution(planned, memory)
        case .plain(.activation(let activation)): VectorisedActivation(activation, memory)
        case .plain(.sum): VectorisedSum(memory)
        case .plain(.concatenation): VectorisedConcatenation(memory)
        case .plain(.upsampling(let factor)): VectorisedUpsampling(factor, memory)
        case .plain(.spaceToDepth(let block)): VectorisedRegrouping(block, memory, toDepth: true)
        case .plain(.depthToSpace(let block)): VectorisedRegrouping(block, memory, toDepth: false)
        case .plain(.maxPooling(let window)): VectorisedMaxPooling(window, memory)
        case .plain(.input), .plain(.convolution): preconditionFailure("no step of a plan")
        }
    }
}

extension Precision {
    /// The C interface's name for it.
    var code: LacunaPrecision { self == .float32 ? LacunaFloat32 : LacunaBFloat16 }
}

extension Extent3 {
    /// The three as the C interface takes them.
    var c: (Int64, Int64, Int64) { (Int64(frames), Int64(rows), Int64(columns)) }
}
