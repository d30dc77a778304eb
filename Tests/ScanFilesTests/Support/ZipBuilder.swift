import CZip
import Foundation

@testable import ScanFiles

/// Writes an `.npz` file as `numpy.savez` (stored) or `numpy.savez_compressed` (deflated) does.
func writeArchive(_ arrays: [(name: String, bytes: [UInt8])], to path: String, deflated: Bool = true) throws {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else { throw POSIXError(.EIO) }
    for (name, bytes) in arrays {
        // libzip frees the copy when the archive is closed.
        guard let copy = malloc(max(1, bytes.count)) else { throw POSIXError(.ENOMEM) }
        bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { copy.copyMemory(from: base, byteCount: bytes.count) }
        }
        let source = zip_source_buffer(archive, copy, zip_uint64_t(bytes.count), 1)
        let index = zip_file_add(archive, name, source, 0)
        zip_set_file_compression(archive, zip_uint64_t(index), deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0)
    }
    guard zip_close(archive) == 0 else { throw POSIXError(.EIO) }
}

/// The bytes of a `.npy` file.
func npy<Element: HDF5Number>(_ values: [Element], shape: [Int]) -> [UInt8] {
    NumpyHeader.bytes(elementType: Element.elementType, shape: shape) + values.withUnsafeBytes(Array.init)
}

/// The bytes of a `.npy` file with a header of one's own.
func npy(version: UInt8 = 1, header: String, values: [UInt8]) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(text.count >> (8 * $0) & 0xff) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + values
}
