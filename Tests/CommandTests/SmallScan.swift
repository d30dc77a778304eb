import Foundation
import ScanFiles

/// A scan of a few small frames, and the detector that takes such frames.
enum SmallScan {
    static let frames = 6
    static let image = [24, 32]
    static let shape = [frames] + image
    /// The dataset of the frames in files that ``nexus(_:detector:chunk:filters:)`` writes.
    static let dataset = "/entry/instrument/detector/data"

    /// Two detectors of this shape, called `tiny` and `mini`, and `quad`, which is large enough for a simulation.
    ///
    /// - Returns: The directory of the descriptions.
    static func describeDetectors(in root: URL) throws -> String {
        let directory = root.appending(path: "detectors")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, shape, rows, columns) in [
            ("tiny", "[24, 32]", "[11:13]", "[15:17]"), ("mini", "[24, 32]", "[11:13]", "[15:17]"),
            ("quad", "[48, 48]", "[23:25]", "[23:25]"),
        ] {
            let text = """
                name: \(name)
                description: \(name) detector
                shape: \(shape)
                pixel_size_um: 55
                names: [\(name)]
                flag_values: [max]
                bare: {rows: \(rows), columns: \(columns)}

                """
            try Data(text.utf8).write(to: directory.appending(path: "\(name).yaml"))
        }
        return directory.path(percentEncoded: false)
    }

    /// Counts that differ from voxel to voxel.
    static func counts<Number: HDF5Number & Numeric>(_ shape: [Int] = shape) -> [Number] {
        (0..<shape.reduce(1, *)).map { Number(exactly: ($0 % 251) &* 7 % 127) ?? 0 }
    }

    /// Writes a NeXus file with one detector, and whatever `body` writes into the group of the detector.
    static func nexus(
        _ path: String, detector name: String? = "tiny", _ body: (HDF5Group) throws -> Void
    ) throws {
        let entry = try HDF5File(creating: path).root.createGroup("entry")
        try entry.setAttribute("NX_class", to: "NXentry")
        let detector = try entry.createGroup("instrument").createGroup("detector")
        try detector.setAttribute("NX_class", to: "NXdetector")
        if let name { try detector.write("description", "\(name) detector") }
        try body(detector)
    }

    /// Writes a NeXus file with frames as a detector leaves them.
    static func nexus(
        _ path: String, detector name: String? = "tiny", shape: [Int] = shape, chunk: [Int]? = nil,
        filters: [HDF5Filter] = []
    ) throws {
        try nexus(path, detector: name) {
            try $0.write(
                "data", counts(shape) as [UInt16], shape: shape, storage: HDF5Storage(chunk: chunk, filters: filters))
        }
    }

    /// Writes a NeXus file with the given voxels.
    static func nexus<Number: HDF5Number>(_ path: String, values: [Number]) throws {
        try nexus(path) { try $0.write("data", values, shape: shape) }
    }

    /// The bytes of a `.npy` file.
    static func npy<Number: HDF5Number>(_ values: [Number], _ shape: [Int], type: String) -> Data {
        let extents = shape.map { "\($0), " }.joined()
        return npy(header: "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }", bytes(values))
    }

    /// The bytes of a `.npy` file with a header of one's own.
    static func npy(header: String, _ values: Data) -> Data {
        let text = header + "\n"
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count & 0xff), UInt8(text.utf8.count >> 8)])
            + Data(text.utf8) + values
    }

    /// A stack of counts as a `.npy` file.
    static func npy(_ shape: [Int] = shape) -> Data { npy(counts(shape) as [UInt16], shape, type: "<u2") }

    static func bytes<Number: HDF5Number>(_ values: [Number]) -> Data { values.withUnsafeBytes { Data($0) } }
}

extension BadInputPlace {
    /// Packs arrays into an `.npz` file.
    func archive(_ arrays: KeyValuePairs<String, Data>, compressed: Bool = false) throws {
        for (name, bytes) in arrays { try write(bytes, to: ".\(name).npy") }
        defer { for (name, _) in arrays { unlink(path(".\(name).npy")) } }
        let files = arrays.map { ($0.key, path(".\($0.key).npy")) }
        switch files.count {
        case 1:
            try NumpyArchiveWriter.write(path, arrays: [files[0].0: files[0].1], isCompressed: compressed)
        default:
            try NumpyArchiveWriter.write(
                path, arrays: [files[0].0: files[0].1, files[1].0: files[1].1], isCompressed: compressed)
        }
    }
}
