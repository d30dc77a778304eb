internal import Foundation

/// The header of a `.npy` array, versions 1 to 3 (NumPy Enhancement Proposal 1).
struct NumpyHeader: Sendable, Equatable {
    var elementType: ElementType
    var isBigEndian: Bool
    var shape: [Int]
    /// True for values that are true or false, which no detector counts.
    var isLogical: Bool
    /// Bytes before the first value.
    var dataOffset: Int

    /// Bytes of the values.
    let dataSize: Int

    /// Bytes that are enough to hold any header that describes plain numbers.
    static let longest = 4096

    /// Reads the header at the beginning of `bytes`.
    ///
    /// - Throws: ``NumpyHeaderError`` in words.
    init(parsing bytes: [UInt8]) throws(NumpyHeaderError) {
        guard bytes.count >= 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
            throw NumpyHeaderError("is not a NumPy array")
        }
        let lengthBytes = bytes[6] == 1 ? 2 : 4
        guard (1...3).contains(bytes[6]), bytes.count >= 8 + lengthBytes else {
            throw NumpyHeaderError("is a NumPy array of the unknown version \(bytes[6])")
        }
        let length = bytes[8..<8 + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
        dataOffset = 8 + lengthBytes + length
        guard dataOffset <= bytes.count else {
            throw NumpyHeaderError("ends within its header: truncated or still being written")
        }
        let text = String(decoding: bytes[(8 + lengthBytes)..<dataOffset], as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)

        guard let order = text.firstMatch(of: /'fortran_order'\s*:\s*(True|False)/),
            let extents = text.firstMatch(of: /'shape'\s*:\s*\(([\d\s,L]*)\)/)
        else { throw NumpyHeaderError("has a header that cannot be understood: \(text)") }
        guard let type = text.firstMatch(of: /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d*)'/),
            let elementType = Self.elementType(kind: type.2, size: type.3)
        else { throw NumpyHeaderError("expected numbers, found another type: \(text)", isNoScan: true) }
        guard order.1 == "False" else {
            throw NumpyHeaderError("is stored in Fortran order; save it with numpy.ascontiguousarray")
        }
        self.elementType = elementType
        isBigEndian = type.1 == ">"
        isLogical = type.2 == "b"
        shape = extents.1.split { !$0.isNumber }.map { Int($0) ?? .max }
        let size = shape.reduce(elementType.size) { size, extent in
            let (product, isTooLarge) = size.multipliedReportingOverflow(by: extent)
            return isTooLarge || size == .max ? .max : product
        }
        guard size < .max - dataOffset else {
            throw NumpyHeaderError("has a header with the impossible shape (\(extents.1))")
        }
        dataSize = size
    }

    private static func elementType(kind: Substring, size: Substring) -> ElementType? {
        let bits = (Int(size) ?? 0) * 8
        return switch kind {
        case "u": ElementType(rawValue: "uint\(bits)")
        case "i": ElementType(rawValue: "int\(bits)")
        case "f": ElementType(rawValue: "float\(bits)")
        case "b": .uint8
        default: nil
        }
    }

    /// A header of version 1 for values in C order and this machine's byte order, padded to a multiple of 64 bytes.
    static func bytes(elementType: ElementType, shape: [Int]) -> [UInt8] {
        let kind = elementType.isFloatingPoint ? "f" : elementType.rawValue.hasPrefix("u") ? "u" : "i"
        let extents = shape.map { "\($0)," }.joined(separator: " ")
        let order = elementType.size == 1 ? "|" : "<"
        var text = "{'descr': '\(order)\(kind)\(elementType.size)', 'fortran_order': False, 'shape': (\(extents)), }"
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        let length = text.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    }
}

/// Why a NumPy header is of no use, as the predicate of a sentence.
struct NumpyHeaderError: Error {
    var problem: String
    /// Whether the array is in order, and no stack of counts.
    var isNoScan: Bool

    init(_ problem: String, isNoScan: Bool = false) { (self.problem, self.isNoScan) = (problem, isNoScan) }
}
