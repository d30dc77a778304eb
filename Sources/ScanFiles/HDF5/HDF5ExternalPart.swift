internal import CHDF5
internal import Foundation
internal import Volume

/// A stretch of a raw file that holds values of a dataset, as of a series of EDF files.
struct HDF5ExternalPart: Sendable, Equatable {
    /// The path of the file: where the name is relative, beside the HDF5 file.
    var path: String
    /// Byte within the file.
    var offset: Int
    /// Bytes; `nil` for the rest of the dataset.
    var size: Int?
}

extension HDF5ExternalPart {
    /// The parts in the order of the values; empty where the values lie in the HDF5 file itself.
    ///
    /// Call within ``HDF5Library/perform(_:)``.
    static func all(of creation: hid_t, beside file: String) throws(HDF5Failure) -> [HDF5ExternalPart] {
        let count = H5Pget_external_count(creation)
        var parts: [HDF5ExternalPart] = []
        for index in 0..<UInt32(max(0, count)) {
            var name = [CChar](repeating: 0, count: 4097)
            var offset = off_t(0)
            var size: hsize_t = 0
            guard H5Pget_external(creation, index, name.count - 1, &name, &offset, &size) >= 0 else {
                throw HDF5Failure("read the names of the raw files")
            }
            let known = text(name)
            let directory = URL(filePath: file).deletingLastPathComponent()
            let path =
                known.hasPrefix("/")
                ? known : directory.appending(path: known).standardizedFileURL.path(percentEncoded: false)
            parts.append(
                HDF5ExternalPart(
                    path: path, offset: Int(offset), size: size == lacuna_h5s_unlimited() ? nil : Int(clamping: size)))
        }
        return parts
    }
}

extension HDF5Dataset {
    /// The frames whose raw file is missing, cannot be read or is too short; HDF5 itself makes zeros of what is lacking.
    func externalFaults() -> [FrameFault] {
        let frameBytes = frameShape.count * storedSize
        guard !externalParts.isEmpty, frameBytes > 0 else { return [] }
        let total = frameCount * frameBytes
        var faults: [FrameFault] = []
        var position = 0
        for part in externalParts where position < total {
            let end = min(total, position + (part.size ?? total))
            defer { position = end }
            let (kind, found, problem) = part.lack(of: end - position)
            guard let problem, end > position else { continue }
            let first = (position + found) / frameBytes
            faults.append(
                FrameFault(
                    frames: first..<(end + frameBytes - 1) / frameBytes, kind: kind,
                    error: ScanFileError(
                        path: part.path, problem: "\(problem); \(path) of \(file.path) takes its values from there")))
        }
        return faults
    }
}

extension HDF5ExternalPart {
    /// What keeps it from giving its bytes; the problem is `nil` where nothing does.
    ///
    /// - Parameter count: the bytes that are needed of it.
    fileprivate func lack(of count: Int) -> (kind: FrameFault.Kind, found: Int, problem: String?) {
        var status = stat()
        guard stat(path, &status) == 0 else { return (.missing, 0, String(cString: strerror(errno)).lowercased()) }
        guard access(path, R_OK) == 0 else {
            return (.unreadable, 0, "no permission to read it (as user id \(geteuid()))")
        }
        let found = max(0, min(count, Int(status.st_size) - offset))
        guard found < count else { return (.short, count, nil) }
        return (.short, found, "expected \(offset + count) bytes, found \(status.st_size)")
    }
}
