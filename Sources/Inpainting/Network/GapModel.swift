public import Detectors
internal import Foundation
public import NeuralNetwork

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

    public func filler(quality: FillQuality) -> any GapFiller { NetworkFiller(model: self, quality: quality) }

    private static let format = "lacuna gap network 1"

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        let file = try SafeTensors(path: path)
        var facts = file.metadata
        guard let format = facts.removeValue(forKey: "format"), format == Self.format else {
            throw ModelError(
                path: path,
                problem: """
                    no model of this program: its format is \(file.metadata["format"] ?? "not stated"), expected \
                    “\(Self.format)”
                    """)
        }
        func numbers(_ key: String) throws -> [Int] {
            let text = facts.removeValue(forKey: key) ?? ""
            let numbers = text.split(separator: " ").compactMap { Int($0) }
            guard numbers.count == 3, numbers.allSatisfy({ (0...1024).contains($0) }) else {
                throw ModelError(path: path, problem: "its \(key) are “\(text)”, expected three numbers")
            }
            return numbers
        }
        network = GapNetwork(channels: try numbers("channels"), blocks: try numbers("blocks"))
        name = facts.removeValue(forKey: "name") ?? ""
        parameters = try ParameterSet(network.graph, tensors: file)
        self.facts = facts
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        var metadata = facts
        metadata["format"] = Self.format
        metadata["name"] = name
        metadata["channels"] = network.channels.map(String.init).joined(separator: " ")
        metadata["blocks"] = network.blocks.map(String.init).joined(separator: " ")
        try parameters.safeTensors(metadata: metadata).write(path: path, storage: .float16)
    }
}

/// A model file that cannot be used.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var problem: String

    public var description: String { "\(path): \(problem)" }
}
