internal import Foundation
internal import ScanFiles
public import Volume

/// What the detector would have counted without gaps, beside the scan; (frame, slow = row, fast = column).
///
/// `/counts` are the photons, `/noise_free` their expectations where these are known. The root's `creator` tells it
/// from a scan.
final class TruthFile {
    let path: String
    private let shape: VolumeShape
    private let counts: HDF5Dataset
    private let noiseFree: HDF5Dataset?

    /// - Parameter parameters: what the simulation was asked for.
    init(
        creating path: String, creator: String, shape: VolumeShape, hasExpectations: Bool,
        parameters: KeyValuePairs<String, ScanValue>
    ) throws(ScanFileError) {
        try checkAbsent(path)
        let file = try HDF5File(creating: path)
        self.path = path
        self.shape = shape
        (counts, noiseFree) = try writing(path) { () throws(HDF5Failure) in
            let root = try file.root
            try root.setAttribute("creator", to: creator)
            try root.createCollection("parameters", parameters)
            let storage = HDF5Storage.deflated(chunk: [1, shape.rows, shape.columns], elementSize: 4)
            let counts = try root.createDataset("counts", shape: shape.extents, type: .uint32, storage: storage)
            guard hasExpectations else { return (counts, nil) }
            let noiseFree = try root.createDataset(
                "noise_free", shape: shape.extents, type: .float32, storage: storage)
            return (counts, noiseFree)
        }
    }

    func write(_ frame: SourceFrame, index: Int) throws(ScanFileError) {
        try writing(path) { () throws(HDF5Failure) in
            let extents = [1, shape.rows, shape.columns]
            try counts.write(frame.counts, start: [index, 0, 0], extents: extents)
            guard let noiseFree, let expected = frame.expected else { return }
            try noiseFree.write(expected, start: [index, 0, 0], extents: extents)
        }
    }
}

extension Volume<UInt32> {
    /// The counts of a file with one stack and no gaps, e.g. an `.npz` or an `.npy`; (frame, slow, fast).
    ///
    /// - Throws: `ScanFileError` when the file cannot be read or holds anything but whole counts.
    public init(countsFrom path: String) throws {
        let file = try ScanFile.open(path)
        guard let scan = file.scans.first, file.scans.count == 1 else {
            throw ScanFileError(path: path, problem: "expected one scan, found \(file.scans.count)")
        }
        let reader = try FrameReader(scan)
        self.init(shape: reader.shape, repeating: 0)
        for frame in 0..<shape.frames {
            let decoded = try reader.read(frames: frame..<frame + 1).decodeDouble()
            for (index, value) in zip(range(ofFrame: frame), decoded.voxels) {
                guard let count = UInt32(exactly: value) else {
                    throw ScanFileError(path: path, problem: "frame \(frame) holds \(value), expected whole counts")
                }
                storage[index] = count
            }
            guard decoded.invalidCount == 0 else {
                throw ScanFileError(
                    path: path, problem: "frame \(frame) has invalid voxels, expected a stack without gaps")
            }
        }
    }
}
