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
