internal import Foundation

extension SafeTensors {
    /// Bytes that no honest header exceeds.
    private static let largestHeader = 16 << 20

    /// Reads a weight file; nothing in it is trusted.
    ///
    /// - Parameter path: of the file.
    /// - Throws: `NeuralNetworkError.inputOutput` if it cannot be read, `.malformed` if its content breaks the format,
    ///   `.unsupported` for numbers other than F32, F16 and BF16.
    public init(path: String) throws(NeuralNetworkError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw .inputOutput(path: path, message: error.localizedDescription)
        }
        try self.init(data: data, path: path)
    }

    /// - Parameter path: names the source in errors.
    init(data: Data, path: String) throws(NeuralNetworkError) {
        guard data.count >= 8 else { throw .malformed(path: path, message: "\(data.count) bytes hold no header") }
        let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= min(UInt64(Self.largestHeader), UInt64(data.count - 8)) else {
            throw .malformed(path: path, message: "a header of \(length) bytes in a file of \(data.count)")
        }
        let body = 8 + Int(length)
        let header: [String: HeaderEntry]
        do {
            header = try JSONDecoder().decode([String: HeaderEntry].self, from: data.subdata(in: 8..<body))
        } catch {
            throw .malformed(path: path, message: "the header is not understood: \(error)")
        }

        self.init()
        var ranges: [Range<Int>] = []
        for (name, entry) in header {
            switch entry {
            case .text(let text): metadata = text
            case .tensor(let description):
                let range = try description.range(name: name, available: data.count - body, path: path)
                let storage = try description.storage(name: name)
                let values = data.withUnsafeBytes { bytes in
                    storage.decode(
                        UnsafeRawBufferPointer(rebasing: bytes[body + range.lowerBound..<body + range.upperBound]))
                }
                tensors[name] = Tensor(shape: description.shape, values: values)
                ranges.append(range)
            }
        }
        try Self.checkCoverage(ranges, bytes: data.count - body, path: path)
    }

    /// Every byte belongs to exactly one tensor: neither overlaps nor hidden content.
    private static func checkCoverage(_ ranges: [Range<Int>], bytes: Int, path: String) throws(NeuralNetworkError) {
        var end = 0
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            guard range.lowerBound == end else {
                throw .malformed(path: path, message: "tensors overlap or leave a hole at byte \(end)")
            }
            end = range.upperBound
        }
        guard end == bytes else { throw .malformed(path: path, message: "\(bytes - end) bytes belong to no tensor") }
    }
}

extension SafeTensors {
    /// Writes a weight file: under another name first, then renamed, so that no reader ever sees half of it.
    ///
    /// Tensors stand in the order of their names; the same content gives the same bytes.
    ///
    /// - Parameters:
    ///   - path: an existing file is replaced.
    ///   - storage: of all numbers; other than float32 rounds them.
    /// - Throws: `NeuralNetworkError.inputOutput` if it cannot be written.
    public func write(path: String, storage: Storage = .float32) throws(NeuralNetworkError) {
        do {
            try data(storage).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .inputOutput(path: path, message: error.localizedDescription)
        }
    }

    /// The content of the file.
    func data(_ storage: Storage) throws -> Data {
        var header: [String: HeaderEntry] = [:]
        var body = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let start = body.count
            body.append(contentsOf: storage.encode(tensor.values))
            header[name] = .tensor(
                TensorDescription(dtype: storage.rawValue, shape: tensor.shape, dataOffsets: [start, body.count]))
        }
        if !metadata.isEmpty { header["__metadata__"] = .text(metadata) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json = try encoder.encode(header)
        // Spaces bring the numbers to a multiple of 8 bytes, for readers that map the file.
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8))
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(body)
        return file
    }
}

extension ParameterSet {
    /// The parameters of a network from a weight file.
    ///
    /// - Throws: `NeuralNetworkError.missingTensor` and `.tensorShape` where the file belongs to another network,
    ///   `.unsupported` if a number is not finite.
    public init(_ graph: NetworkGraph, tensors: SafeTensors) throws(NeuralNetworkError) {
        self.init(zerosFor: graph)
        for entry in layout.entries {
            guard let tensor = tensors.tensors[entry.name] else { throw .missingTensor(name: entry.name) }
            guard tensor.shape == entry.shape else {
                throw .tensorShape(name: entry.name, expected: entry.shape, found: tensor.shape)
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw .unsupported("an infinite number in the tensor '\(entry.name)'")
            }
            values.replaceSubrange(entry.range, with: tensor.values)
        }
    }

    /// The parameters as the tensors of a weight file.
    public func safeTensors(metadata: [String: String] = [:]) -> SafeTensors {
        var file = SafeTensors(metadata: metadata)
        for entry in layout.entries {
            file.tensors[entry.name] = SafeTensors.Tensor(shape: entry.shape, values: Array(values[entry.range]))
        }
        return file
    }
}
