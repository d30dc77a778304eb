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

    /// - Parameter seen: how much of the patch the network sees; not more than the patch.
    func example(_ patch: TrainingPatch, seen: VolumeShape) -> any TrainingExample

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

/// Where the patches of a training come from: an endless series, each decided by its index.
protocol PatchSource: Sendable {
    /// A patch with a gap of one kind.
    func patch(_ index: Int, shape: VolumeShape, gaps: GapLayout.Class) -> TrainingPatch

    /// A patch with a given gap.
    func patch(_ index: Int, shape: VolumeShape, gap: GapLayout) -> TrainingPatch
}

extension PatchStream: PatchSource {}
extension PlanarStream: PatchSource {}

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

    func example(_ patch: TrainingPatch, seen: VolumeShape) -> any TrainingExample {
        Example(gap: GapExample(patch, seen: seen, kriging: kriging), loss: loss)
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

extension GapExample {
    /// A simulated patch, whose expected counts are known.
    init(_ patch: TrainingPatch, seen: VolumeShape, kriging: Kriging) {
        self.init(
            counts: patch.counts, mirror: patch.mirror, mask: patch.mask, seen: seen, kriging: kriging
        ) { position in
            PhotonNoise.moments(expectation: patch.expected.storage[position])
        }
    }
}

extension TrainingPatch {
    /// Positions of the voxels in the gap, frame by frame, row-major.
    var gap: [Int] {
        let pixels = mask.storage.indices.filter { mask.storage[$0] }
        return (0..<counts.shape.frames).flatMap { frame in pixels.map { frame * counts.shape.frame.count + $0 } }
    }
}
