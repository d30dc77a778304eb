internal import Foundation
public import Volume

/// Writes arrays as NumPy's `.npy` files.
public enum NumpyFile {
    /// Writes values in C order, replacing a file of that name at once.
    ///
    /// - Precondition: `bytes` holds the product of `shape` values of `elementType`.
    /// - Throws: ``ScanFileError`` of kind ``ScanFileError/Kind/output``.
    public static func write(
        _ bytes: UnsafeRawBufferPointer, elementType: ElementType, shape: [Int], to path: String
    ) throws(ScanFileError) {
        precondition(
            bytes.count == shape.reduce(elementType.size, *), "\(bytes.count) bytes cannot have the shape \(shape)")
        var data = Data(NumpyHeader.bytes(elementType: elementType, shape: shape))
        data.append(contentsOf: bytes)
        do { try data.write(to: URL(filePath: path), options: .atomic) } catch {
            throw ScanFileError(.output, path: path, problem: "cannot be written: \(error.localizedDescription)")
        }
    }

    /// Writes a mask as uint8, (row, column), 1 = masked.
    public static func write(_ mask: PixelMask, to path: String) throws(ScanFileError) {
        let values = mask.storage.map { $0 ? 1 : 0 as UInt8 }
        let shape = [mask.shape.rows, mask.shape.columns]
        try values.withUnsafeBytes { bytes in
            Result { () throws(ScanFileError) in try write(bytes, elementType: .uint8, shape: shape, to: path) }
        }.get()
    }
}
