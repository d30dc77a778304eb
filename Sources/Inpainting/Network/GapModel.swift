public import NeuralNetwork
public import WorkMessages

/// A network with its weights, as shipped in one file.
public struct GapModel: FillerModel {
    public var name: String
    public var network: GapNetwork
    public var parameters: ParameterSet
    /// How it was trained: steps, seed, hours.
    public var facts: [String: String]

    public init(name: String, network: GapNetwork, parameters: ParameterSet, facts: [String: String]) {
        self.name = name
        self.network = network
        self.parameters = parameters
        self.facts = facts
    }

    public func filler(quality: FillQuality) -> any ScanFiller { NetworkFiller(model: self, quality: quality) }

    private static let format = "lacuna gap network 1"

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        var file = try ModelFile(contentsOf: path, format: Self.format)
        network = GapNetwork(channels: try file.threeNumbers("channels"), blocks: try file.threeNumbers("blocks"))
        name = file.name
        parameters = try file.parameters(of: network.graph)
        facts = file.facts
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        var facts = facts
        facts["channels"] = network.channels.map(String.init).joined(separator: " ")
        facts["blocks"] = network.blocks.map(String.init).joined(separator: " ")
        try ModelFile.write(parameters, format: Self.format, name: name, facts: facts, to: path)
    }
}
