internal import Diffraction
internal import Inpainting
internal import NeuralNetwork
internal import Volume

/// What a network learns: what it is shown of a patch, what it should have said, and the file its weights go to.
protocol NetworkTask: Sendable {
    var graph: NetworkGraph { get }

    /// Extents, (frame, row, column), of what it is scored on around a gap of a width.
    func window(width: Int) -> VolumeShape

    /// The weights of an untrained network.
    func initialParameters(seed: UInt64) -> ParameterSet

    /// Weights to start from.
    ///
    /// - Throws: an error that names the file, where it is of another network.
    func parameters(contentsOf path: String) throws -> ParameterSet

    func example(_ patch: TrainingPatch) -> any TrainingExample

    /// Writes the file that fillers read.
    ///
    /// - Parameter facts: how the network was trained.
    func write(_ parameters: ParameterSet, name: String, facts: [String: String], to path: String) throws
}

extension NetworkTask {
    func window(width: Int) -> VolumeShape {
        VolumeShape(frames: 32, rows: 32, columns: width <= 14 ? 32 : 96)
    }
}

/// One patch ready for a network to learn from.
///
/// An output of the network has all channels of each voxel of the patch.
protocol TrainingExample: Sendable {
    /// What the network is told, channels-last.
    var features: [Float] { get }

    /// Adds the gradient of the loss, multiplied by `share`, and gives the squared error in units of the gap's variance.
    func add(
        output: UnsafeBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>, share: Float
    ) -> Double

    /// What an output says of the voxels in the gap, frame by frame, row-major.
    func estimates(_ output: UnsafeBufferPointer<Float>) -> [GapEstimate]
}

/// What is expected of log(1+I) in one voxel, and how sure that is.
struct GapEstimate {
    var mean: Float
    /// Standard deviation; `nil` where none is stated.
    var deviation: Float?
}

extension NetworkPlan {
    /// Lets a network with some weights fill the gaps of a step's examples, and leaves the gradients of their mean loss.
    ///
    /// - Parameter examples: as many as the plan takes.
    /// - Returns: each one's squared error in units of the gap's variance.
    func learn(_ examples: [any TrainingExample], with parameters: ParameterSet) -> [Double] {
        load(parameters)
        setInput(examples.map(\.features))
        forward()
        return backward { index, output, gradient in
            examples[index].add(output: output, gradient: gradient, share: 1 / Float(examples.count))
        }
    }
}
