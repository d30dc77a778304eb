internal import Foundation

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
