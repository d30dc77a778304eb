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

    fileprivate var halfBits: UInt16 { Float16(self).bitPattern }

    fileprivate init(halfBits: UInt16) { self = Float(Float16(bitPattern: halfBits)) }
}
