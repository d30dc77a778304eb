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
