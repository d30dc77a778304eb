internal import Foundation
internal import ScanFiles
public import Volume

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
