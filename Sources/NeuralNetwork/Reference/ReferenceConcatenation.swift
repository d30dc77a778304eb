/// The channels of several tensors behind one another, voxel by voxel.
final class ReferenceConcatenation: Layer {
    private let memory: LayerMemory

    init(_ memory: LayerMemory) { self.memory = memory }

    func forward() {
        let y = memory.output
        var first = 0
        for x in memory.inputs {
            for voxel in 0..<y.shape.voxels {
                for channel in 0..<x.shape.channels {
                    y.floats[voxel * y.shape.channels + first + channel] = x.floats[voxel * x.shape.channels + channel]
                }
            }
            first += x.shape.channels
        }
    }

    func backward() {
        let gradient = memory.trained.outputGradient
        var first = 0
        for (x, input) in zip(memory.inputs, memory.inputGradients) {
            let channels = x.shape.channels
            input?.contribute { sums in
                for voxel in 0..<x.shape.voxels {
                    for channel in 0..<channels {
                        let from = voxel * gradient.shape.channels + first + channel
                        sums[voxel * channels + channel] += gradient.floats[from]
                    }
                }
            }
            first += channels
        }
    }
}
