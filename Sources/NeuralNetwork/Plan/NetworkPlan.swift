internal import CConvolution
internal import Synchronization

/// A network made ready for one batch size and one size of input; all memory is taken at the beginning.
///
/// Tensors are channels-last, (N, frame, row, column, channel). The same parameters and inputs give the same bytes on
/// the same machine with the same number of threads. A plan serves one thread at a time.
public final class NetworkPlan {
    public let precision: Precision
    /// The shapes of the inputs, in the order they were declared in.
    public let inputShapes: [TensorShape]
    /// The shapes of the outputs, in the order they were declared in.
    public let outputShapes: [TensorShape]

    private let threads: Int
    private let parameterLayout: ParameterLayout
    private let arena: AlignedMemory
    private let layers: [any Layer]
    /// Those that parameters lie in or upstream of.
    private let trainedLayers: [any Layer]
    private let inputs: [Port]
    private let outputs: [Port]
    private let outputGradients: [Port]
    private let parameterGradients: FloatMemory

    /// A tensor inside of the network and its float32 copy for the caller.
    private struct Port {
        var tensor: TensorBuffer
        var staging: FloatMemory

        init(_ tensor: TensorBuffer) {
            self.tensor = tensor
            staging = FloatMemory(count: tensor.shape.count)
        }
    }

    /// Plans a network.
    ///
    /// - Parameters:
    ///   - batch: samples per evaluation, at least 1.
    ///   - extents: of every input, in voxels.
    ///   - training: whether `backward` will be called; costs the memory of all intermediate values.
    ///   - threads: how many cores an evaluation uses.
    /// - Throws: `NeuralNetworkError` where an operation cannot work on these extents or the back end on this precision.
    public init(
        _ graph: NetworkGraph, batch: Int, extents: Extent3, precision: Precision = .float32,
        backEnd: BackEnd = .oneDNN, training: Bool = false, threads: Int = Threads.count
    ) throws(NeuralNetworkError) {
        guard batch > 0, extents.axes.allSatisfy({ $0 > 0 }) else {
            throw .extents(operation: "a network", expected: "at least one voxel", found: "\(batch) of \(extents)")
        }
        // Beyond, the convolution library's own arithmetic is no longer safe.
        func tooLarge() -> NeuralNetworkError {
            .extents(operation: "a network", expected: "tensors below 2^31 numbers", found: "\(batch) of \(extents)")
        }
        guard extents.axes.reduce(Double(batch), { $0 * Double($1) }) < 0x1p31 else { throw tooLarge() }
        guard backEnd.precisions.contains(precision) else {
            throw .unsupported("\(precision) on the \(backEnd.name) back end")
        }
        let known = try graph.extents(input: extents)
        let shapes = zip(graph.nodes, known).map { TensorShape(batch: batch, extents: $1, channels: $0.channels) }
        guard shapes.allSatisfy({ $0.count < 1 << 31 }) else { throw tooLarge() }
        self.threads = threads
        lacuna_set_threads(Int32(threads))
        self.precision = precision
        parameterLayout = graph.parameterLayout
        parameterGradients = FloatMemory(count: training ? parameterLayout.count : 0)
        let tensors = TensorMemory(
            graph, steps: graph.steps(), shapes: shapes, precision: precision, training: training)
        arena = tensors.arena
        var layers: [any Layer] = []
        var trainedLayers: [any Layer] = []
        for index in tensors.steps.indices {
            let gradients = training ? parameterGradients.floats.baseAddress : nil
            let memory = tensors.memory(ofStep: index, parameterGradients: gradients)
            let layer = try backEnd.layer(tensors.steps[index], memory)
            layers.append(layer)
            if memory.outputGradient != nil { trainedLayers.append(layer) }
        }
        self.layers = layers
        self.trainedLayers = trainedLayers

        inputs = graph.inputs.map { Port(tensors.values[$0.index]) }
        outputs = graph.outputs.map { Port(tensors.values[$0.index]) }
        outputGradients = graph.outputs.compactMap { tensors.gradients[$0.index].map(Port.init) }
        inputShapes = inputs.map(\.tensor.shape)
        outputShapes = outputs.map(\.tensor.shape)
    }

    /// Takes over parameters; needed before the first evaluation and after each change.
    ///
    /// - Precondition: the parameters belong to a graph with the same layers.
    public func load(_ parameters: ParameterSet) {
        precondition(parameters.layout == parameterLayout, "these parameters belong to another network")
        lacuna_set_threads(Int32(threads))
        parameters.values.withUnsafeBufferPointer { values in
            for layer in layers { layer.load(values) }
        }
    }

    /// Gives access to an input, to be filled before `forward`: float32, channels-last.
    public func withInput<R>(_ index: Int = 0, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
        try body(inputs[index].staging.floats)
    }

    /// Evaluates the network; follows a `load`.
    public func forward() {
        lacuna_set_threads(Int32(threads))
        for input in inputs { convert(from: input.staging, to: input.tensor) }
        for layer in layers { layer.forward() }
        for output in outputs { convert(from: output.tensor, to: output.staging) }
    }

    /// Gives access to an output of the last `forward`: float32, channels-last.
    public func withOutput<R>(_ index: Int = 0, _ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try body(UnsafeBufferPointer(outputs[index].staging.floats))
    }

    /// Gives access to the gradient of the loss by an output, to be filled before `backward`: float32, channels-last.
    ///
    /// - Precondition: the plan is for training, and parameters lie upstream of every output.
    public func withOutputGradient<R>(
        _ index: Int = 0, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        precondition(outputGradients.count == outputs.count, "the plan is not for training")
        return try body(outputGradients[index].staging.floats)
    }

    /// Adds the gradient of the loss by each parameter to the gradients; follows a `forward`.
    ///
    /// - Precondition: the plan is for training.
    public func backward() {
        precondition(outputGradients.count == outputs.count, "the plan is not for training")
        lacuna_set_threads(Int32(threads))
        for gradient in outputGradients { convert(from: gradient.staging, to: gradient.tensor) }
        for layer in trainedLayers.reversed() { layer.backward() }
    }

    /// Sets the gradients to zero.
    public func zeroGradients() { parameterGradients.floats.update(repeating: 0) }

    /// Gives access to the gradients, in the order of `ParameterSet.values`.
    public func withGradients<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
        try body(parameterGradients.floats)
    }

    /// A copy of the gradients.
    public var gradients: ParameterSet {
        ParameterSet(layout: parameterLayout, values: Array(parameterGradients.floats))
    }

    private func convert(from staging: FloatMemory, to tensor: TensorBuffer) {
        lacuna_convert(
            staging.floats.baseAddress, LacunaFloat32, tensor.address, tensor.precision.code, Int64(tensor.shape.count))
    }

    private func convert(from tensor: TensorBuffer, to staging: FloatMemory) {
        lacuna_convert(
            tensor.address, tensor.precision.code, staging.floats.baseAddress, LacunaFloat32, Int64(tensor.shape.count))
    }
}

/// The number of threads that networks run on.
///
/// They are OpenMP's, as are oneDNN's own. Between two layers they wait by spinning, which wastes the cores where other
/// work competes for them; `OMP_WAIT_POLICY=passive` in the environment of the process makes them sleep instead.
public enum Threads {
    private static let limit = Atomic<Int>(0)

    /// Sets the number of threads for plans made from now on; 0 stands for all cores.
    ///
    /// - Precondition: `count >= 0`.
    public static func limit(_ count: Int) {
        precondition(count >= 0, "\(count) threads asked for")
        limit.store(count, ordering: .relaxed)
    }

    /// The number of threads that a plan made now runs on.
    public static var count: Int {
        let limit = limit.load(ordering: .relaxed)
        return limit > 0 ? limit : available
    }

    /// The cores that this process may use.
    private static let available = Int(lacuna_available_threads())
}

/// Why a network cannot be planned or its weights cannot be used.
public enum NeuralNetworkError: Error, Equatable {
    /// Extents that an operation cannot work on, such as 33 voxels in blocks of 2.
    case extents(operation: String, expected: String, found: String)
    /// The back end does not offer what was asked for.
    case unsupported(String)
    /// The convolution library refuses a layer.
    case library(layer: String, message: String)
    /// A weight file that cannot be opened, read or written.
    case inputOutput(path: String, message: String)
    /// A weight file whose content breaks the format.
    case malformed(path: String, message: String)
    /// A tensor is absent from a weight file.
    case missingTensor(name: String)
    /// A tensor of a weight file has another shape than the network's.
    case tensorShape(name: String, expected: [Int], found: [Int])
}

extension NeuralNetworkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .extents(let operation, let expected, let found):
            "\(operation) cannot work on \(found): expected \(expected)"
        case .unsupported(let what): "\(what) is not supported"
        case .library(let layer, let message): "the convolution library refuses the layer '\(layer)': \(message)"
        case .inputOutput(let path, let message): "\(path): \(message)"
        case .malformed(let path, let message): "\(path) is not a valid safetensors file: \(message)"
        case .missingTensor(let name): "the weight file has no tensor '\(name)'"
        case .tensorShape(let name, let expected, let found):
            "the tensor '\(name)' has the shape \(found) instead of \(expected)"
        }
    }
}
