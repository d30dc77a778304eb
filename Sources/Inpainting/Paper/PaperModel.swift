public import NeuralNetwork

/// The network of the paper with its weights, as kept in one file.
public struct PaperModel: Sendable {
    /// The name it was given when it was trained.
    public var name: String
    public var parameters: ParameterSet
    /// How it was trained: steps, seed, hours.
    public var facts: [String: String]

    private static let format = "lacuna paper network 1"

    public init(name: String, parameters: ParameterSet, facts: [String: String]) {
        self.name = name
        self.parameters = parameters
        self.facts = facts
    }

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        let file = try ModelFile(contentsOf: path, format: Self.format)
        self.init(name: file.name, parameters: try file.parameters(of: .paper3D()), facts: file.facts)
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        try ModelFile.write(parameters, format: Self.format, name: name, facts: facts, to: path)
    }
}
