internal import CZip
internal import Foundation

/// Writes an array to an `.npy` file piece by piece, in row-major order.
package final class NumpyFileWriter {
    private let path: String
    private let file: FileHandle

    /// Creates the file, replacing one of the same name.
    package init(creating path: String, type: ElementType, shape: [Int]) throws(ScanFileError) {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw ScanFileError(.output, path: path, problem: "cannot be created") }
        self.path = path
        self.file = file
        try write(Self.header(type: type, shape: shape))
    }

    /// Adds values; they must be of the type of the file.
    package func append<Number: HDF5Number>(_ values: [Number]) throws(ScanFileError) {
        try write(values.withUnsafeBytes { Data($0) })
    }

    private func write(_ data: Data) throws(ScanFileError) {
        do {
            try file.write(contentsOf: data)
        } catch {
            throw ScanFileError(.output, path: path, problem: "cannot be written: \(error.localizedDescription)")
        }
    }

    /// Version 1.0 of the format: magic, version, header length, a Python dictionary padded to a multiple of 64 bytes.
    private static func header(type: ElementType, shape: [Int]) -> Data {
        let extents = shape.map { "\($0), " }.joined()
        var dictionary = "{'descr': '\(type.numpyName)', 'fortran_order': False, 'shape': (\(extents)), }"
        let length = (10 + dictionary.utf8.count + 1 + 63) / 64 * 64 - 10
        dictionary += String(repeating: " ", count: length - dictionary.utf8.count - 1) + "\n"
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)])
            + Data(dictionary.utf8)
    }
}

extension ElementType {
    /// NumPy's name of the little-endian type, e.g. `<u4`.
    fileprivate var numpyName: String {
        let kind: String =
            switch self {
            case .int8, .int16, .int32, .int64: "i"
            case .uint8, .uint16, .uint32, .uint64: "u"
            case .float32, .float64: "f"
            }
        return "\(size == 1 ? "|" : "<")\(kind)\(size)"
    }
}

/// Packs `.npy` files into an `.npz` archive, as `numpy.savez` and `numpy.savez_compressed` do.
package enum NumpyArchiveWriter {
    /// - Parameters:
    ///   - path: must not exist.
    ///   - arrays: the name of each array and the `.npy` file that holds it.
    ///   - comment: what the archive says of itself, which NumPy does not look at.
    package static func write(
        _ path: String, arrays: KeyValuePairs<String, String>, isCompressed: Bool, comment: String = ""
    ) throws(ScanFileError) {
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_CREATE | ZIP_EXCL, &code) else {
            throw ScanFileError(.output, path: path, problem: "cannot be created (libzip error \(code))")
        }
        for (name, file) in arrays {
            let index = zip_source_file(archive, file, 0, -1).map { zip_file_add(archive, "\(name).npy", $0, 0) } ?? -1
            guard index >= 0 else { throw discard(archive, path) }
            zip_set_file_compression(archive, UInt64(index), isCompressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0)
            // As NumPy: 1 January 1980, so that the same arrays make the same file.
            zip_file_set_dostime(archive, UInt64(index), 0, 0x21, 0)
        }
        let isCommented = comment.isEmpty || zip_set_archive_comment(archive, comment, UInt16(comment.utf8.count)) == 0
        guard isCommented, zip_close(archive) == 0 else { throw discard(archive, path) }
    }

    private static func discard(_ archive: OpaquePointer, _ path: String) -> ScanFileError {
        let problem = String(cString: zip_strerror(archive))
        zip_discard(archive)
        return ScanFileError(.output, path: path, problem: "cannot be written: \(problem)")
    }
}

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
