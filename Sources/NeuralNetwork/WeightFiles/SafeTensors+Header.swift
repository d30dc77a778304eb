extension SafeTensors {
    /// One entry of the header: a tensor, or the text under `__metadata__`.
    enum HeaderEntry: Codable {
        case tensor(TensorDescription)
        case text([String: String])

        init(from decoder: any Decoder) throws {
            if decoder.codingPath.last?.stringValue == "__metadata__" {
                self = .text(try [String: String](from: decoder))
            } else {
                self = .tensor(try TensorDescription(from: decoder))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .tensor(let description): try description.encode(to: encoder)
            case .text(let text): try text.encode(to: encoder)
            }
        }
    }

    /// What the header says of a tensor.
    struct TensorDescription: Codable {
        var dtype: String
        var shape: [Int]
        /// First byte and end within the body of the file.
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }

        func storage(name: String) throws(NeuralNetworkError) -> Storage {
            guard let storage = Storage(rawValue: dtype) else {
                throw .unsupported("the number type '\(dtype)' of the tensor '\(name)'")
            }
            return storage
        }

        /// The tensor's bytes, checked against its shape and the size of the file.
        func range(name: String, available: Int, path: String) throws(NeuralNetworkError) -> Range<Int> {
            guard dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[0] <= dataOffsets[1],
                dataOffsets[1] <= available
            else {
                throw .malformed(path: path, message: "'\(name)' has the bytes \(dataOffsets) of \(available)")
            }
            var size = try storage(name: name).size
            for extent in shape {
                let (product, overflows) = size.multipliedReportingOverflow(by: extent)
                guard extent >= 0, !overflows else {
                    throw .malformed(path: path, message: "'\(name)' has the shape \(shape)")
                }
                size = product
            }
            guard size == dataOffsets[1] - dataOffsets[0] else {
                throw .malformed(
                    path: path,
                    message: "'\(name)' of the shape \(shape) has \(dataOffsets[1] - dataOffsets[0]) bytes, not \(size)"
                )
            }
            return dataOffsets[0]..<dataOffsets[1]
        }
    }
}
