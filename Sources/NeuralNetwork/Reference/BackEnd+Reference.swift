extension BackEnd {
    func referenceLayer(_ step: PlanStep, _ memory: LayerMemory) -> any Layer {
        switch step.operation {
        case .convolution(let planned): ReferenceConvolution(planned, memory)
        case .plain(.activation(let activation)): ReferenceActivation(activation, memory)
        case .plain(.sum): ReferenceSum(memory)
        case .plain(.concatenation): ReferenceConcatenation(memory)
        case .plain(.upsampling(let factor)): ReferenceGather(upsampling: factor, memory)
        case .plain(.spaceToDepth(let block)): ReferenceGather(spaceToDepth: block, memory)
        case .plain(.depthToSpace(let block)): ReferenceGather(depthToSpace: block, memory)
        case .plain(.maxPooling(let window)): ReferenceMaxPooling(window, memory)
        case .plain(.input), .plain(.convolution): preconditionFailure("no step of a plan")
        }
    }
}

extension GradientBuffer {
    /// Takes in this reader's contribution: sets the gradient to zero first if nobody has contributed before.
    func contribute(_ add: (UnsafeMutableBufferPointer<Float>) -> Void) {
        if !accumulates { tensor.floats.update(repeating: 0) }
        add(tensor.floats)
    }
}

/// Calls `body` with the position of each voxel of a batch: sample, frame, row, column.
func forEachVoxel(of shape: TensorShape, _ body: (Int, Int, Int, Int) -> Void) {
    for sample in 0..<shape.batch {
        for frame in 0..<shape.extents.frames {
            for row in 0..<shape.extents.rows {
                for column in 0..<shape.extents.columns { body(sample, frame, row, column) }
            }
        }
    }
}

extension TensorShape {
    /// The position of a voxel's first channel.
    func position(_ sample: Int, _ frame: Int, _ row: Int, _ column: Int) -> Int {
        (((sample * extents.frames + frame) * extents.rows + row) * extents.columns + column) * channels
    }
}
