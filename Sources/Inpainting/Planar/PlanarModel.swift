public import NeuralNetwork

/// One of the two-dimensional networks with its weights, as kept in one file.
public struct PlanarModel: Sendable {
    /// The name it was given when it was trained.
    public var name: String
    public var network: PlanarNetwork
    public var parameters: ParameterSet
    /// How it was trained: loss, steps, seed, hours.
    public var facts: [String: String]

    private static let format = "lacuna planar network 1"

    public init(name: String, network: PlanarNetwork, parameters: ParameterSet, facts: [String: String] = [:]) {
        self.name = name
        self.network = network
        self.parameters = parameters
        self.facts = facts
    }

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        let file = try ModelFile(contentsOf: path, format: Self.format)
        var facts = file.facts
        let architecture = facts.removeValue(forKey: "architecture") ?? ""
        guard let network = PlanarNetwork(rawValue: architecture) else {
            throw ModelError(path: path, problem: "its architecture is “\(architecture)”")
        }
        self.init(
            name: file.name, network: network, parameters: try file.parameters(of: network.graph), facts: facts)
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        var facts = facts
        facts["architecture"] = network.rawValue
        try ModelFile.write(parameters, format: Self.format, name: name, facts: facts, to: path)
    }
}
