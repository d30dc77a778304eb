internal import NeuralNetwork

/// A file of a network's weights, safetensors, that says which network they are of.
struct ModelFile {
    let path: String
    /// The name that the network was given when it was trained.
    let name: String
    /// All else that the file says of it.
    private(set) var facts: [String: String]
    private let tensors: SafeTensors

    /// - Parameter format: what the file has to be.
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    init(contentsOf path: String, format expected: String) throws {
        tensors = try SafeTensors(path: path)
        var facts = tensors.metadata
        guard let format = facts.removeValue(forKey: "format"), format == expected else {
            throw ModelError(
                path: path,
                problem: """
                    no model of this program: its format is \(tensors.metadata["format"] ?? "not stated"), expected \
                    “\(expected)”
                    """)
        }
        self.path = path
        name = facts.removeValue(forKey: "name") ?? ""
        self.facts = facts
    }

    /// Takes three numbers out of the facts.
    mutating func threeNumbers(_ key: String) throws(ModelError) -> [Int] {
        let text = facts.removeValue(forKey: key) ?? ""
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3, numbers.allSatisfy({ (0...1024).contains($0) }) else {
            throw ModelError(path: path, problem: "its \(key) are “\(text)”, expected three numbers")
        }
        return numbers
    }

    /// The weights, for the network that they are of.
    func parameters(of graph: NetworkGraph) throws -> ParameterSet { try ParameterSet(graph, tensors: tensors) }

    /// Writes weights with half precision.
    static func write(
        _ parameters: ParameterSet, format: String, name: String, facts: [String: String], to path: String
    ) throws {
        var metadata = facts
        metadata["format"] = format
        metadata["name"] = name
        try parameters.safeTensors(metadata: metadata).write(path: path, storage: .float16)
    }
}

/// A model file that cannot be used.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var problem: String

    public var description: String { "\(path): \(problem)" }
}
