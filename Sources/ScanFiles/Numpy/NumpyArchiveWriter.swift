internal import CZip

/// Packs `.npy` files into an `.npz` archive, as `numpy.savez` and `numpy.savez_compressed` do.
package enum NumpyArchiveWriter {
    /// - Parameters:
    ///   - path: must not exist.
    ///   - arrays: the name of each array and the `.npy` file that holds it.
    package static func write(
        _ path: String, arrays: KeyValuePairs<String, String>, isCompressed: Bool
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
        guard zip_close(archive) == 0 else { throw discard(archive, path) }
    }

    private static func discard(_ archive: OpaquePointer, _ path: String) -> ScanFileError {
        let problem = String(cString: zip_strerror(archive))
        zip_discard(archive)
        return ScanFileError(.output, path: path, problem: "cannot be written: \(problem)")
    }
}
