/// Named tensors and free text, as the "safetensors" format of Hugging Face keeps them in a file.
///
/// A file is the length of a JSON header (8 bytes, little-endian), the header, and the numbers of all tensors. The
/// header gives each tensor's type, shape and bytes, and under `__metadata__` the text.
public struct SafeTensors: Sendable, Equatable {
    /// How numbers are stored in a file; in memory they are float32.
    public enum Storage: String, Sendable, CaseIterable {
        case float32 = "F32"
        case float16 = "F16"
        case bfloat16 = "BF16"

        /// Bytes of one number.
        var size: Int { self == .float32 ? 4 : 2 }
    }

    /// One tensor, in row-major order.
    public struct Tensor: Sendable, Equatable {
        public let shape: [Int]
        public let values: [Float]

        /// - Precondition: as many values as the shape has elements.
        public init(shape: [Int], values: [Float]) {
            precondition(values.count == shape.reduce(1, *), "\(values.count) values for a tensor of \(shape)")
            self.shape = shape
            self.values = values
        }
    }

    public var tensors: [String: Tensor]
    public var metadata: [String: String]

    public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }
}

extension SafeTensors.Storage {
    /// The numbers that some bytes stand for.
    func decode(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        let count = bytes.count / size
        switch self {
        case .float32:
            return (0..<count).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        case .float16:
            return (0..<count).map { Float(halfBits: bits(bytes, $0)) }
        case .bfloat16:
            return (0..<count).map { Float(bitPattern: UInt32(bits(bytes, $0)) << 16) }
        }
    }

    private func bits(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt16 {
        UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    }

    /// The bytes that stand for some numbers, rounded to the nearest.
    func encode(_ values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * size)
        for value in values {
            switch self {
            case .float32: withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            case .float16: withUnsafeBytes(of: value.halfBits.littleEndian) { bytes.append(contentsOf: $0) }
            case .bfloat16: withUnsafeBytes(of: value.bfloat16Bits.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }
}

extension Float {
    /// The upper 16 bits after rounding to nearest even.
    fileprivate var bfloat16Bits: UInt16 {
        if isNaN { return UInt16(bitPattern >> 16) | 0x40 }
        return UInt16((bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) >> 16)
    }

    /// The nearest half-precision number, ties to even.
    ///
    /// Reckoned in integers: a library may have told the processor to take such small numbers for zero.
    var halfBits: UInt16 {
        let sign = UInt16(bitPattern >> 16 & 0x8000)
        let magnitude = bitPattern & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
        if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
        if magnitude >= 0x3880_0000 {
            let rounded = magnitude + 0xFFF + (magnitude >> 13 & 1)
            return sign | UInt16((rounded - 0x3800_0000) >> 13)
        }
        // Below 2⁻¹⁴, in units of 2⁻²⁴.
        let shift = 126 - magnitude >> 23
        guard shift <= 24 else { return sign }
        let digits = magnitude & 0x7F_FFFF | 0x80_0000
        let (quotient, rest, half) = (digits >> shift, digits & (1 << shift - 1), UInt32(1) << (shift - 1))
        let isRoundedUp = rest > half || (rest == half && quotient & 1 == 1)
        return sign | UInt16(quotient + (isRoundedUp ? 1 : 0))
    }

    /// A half-precision number, reckoned in integers for the same reason.
    init(halfBits: UInt16) {
        let sign = UInt32(halfBits & 0x8000) << 16
        let (exponent, digits) = (UInt32(halfBits >> 10 & 31), UInt32(halfBits & 0x3FF))
        switch exponent {
        case 0: self = Float(bitPattern: (Float(digits) * 0x1p-24).bitPattern | sign)
        case 31: self = Float(bitPattern: sign | 0x7F80_0000 | digits << 13)
        default: self = Float(bitPattern: sign | (exponent + 112) << 23 | digits << 13)
        }
    }
}

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
