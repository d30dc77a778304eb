import Detectors
import Foundation
import ScanFiles
import TestSupport
import Volume
import WorkMessages

@testable import ScanProcessing

/// Fringes of a broad peak behind a detector with a gap of six columns, as a `.npy` file.
struct SyntheticScan {
    let directory: TemporaryDirectory
    let shape: VolumeShape
    let mask: PixelMask
    let path: String

    init(
        _ shape: VolumeShape = VolumeShape(frames: 16, rows: 40, columns: 112), peak: Float = 200,
        emptyFrames: Set<Int> = []
    ) throws {
        self.shape = shape
        directory = try TemporaryDirectory()
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: shape.columns / 2 - 3..<shape.columns / 2 + 3)
        self.mask = mask
        path = "\(directory.path)/scan.npy"
        let text =
            "{'descr': '<u2', 'fortran_order': False, 'shape': (\(shape.frames), \(shape.rows), \(shape.columns)), }\n"
        var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0]) + Data(text.utf8)
        var counts = Self.counts(shape, peak: peak)
        for frame in emptyFrames {
            for voxel in frame * shape.frame.count..<(frame + 1) * shape.frame.count { counts[voxel] = 0 }
        }
        counts.withUnsafeBytes { file.append(contentsOf: $0) }
        try file.write(to: URL(fileURLWithPath: path))
    }

    private static func counts(_ shape: VolumeShape, peak: Float) -> [UInt16] {
        var noise: UInt32 = 1
        return (0..<shape.count).map { voxel in
            let (frame, pixel) = voxel.quotientAndRemainder(dividingBy: shape.frame.count)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.columns)
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let phase = 0.7 * Float(column) + 0.3 * Float(row) + 0.2 * Float(frame)
            return peak > 0 ? UInt16(peak * exp(sin(phase) - 1) + Float(noise >> 30)) : 0
        }
    }

    /// The scan that the file holds.
    func scan() throws -> Scan { try ScanFile.open(path).scans[0] }

    /// The gap, given as a mask.
    func gaps() throws -> ScanGaps {
        let maskPath = "\(directory.path)/mask.npy"
        try MaskFileFormat.npy.write(mask, to: maskPath)
        let scan = try scan()
        return try ScanGaps(
            of: scan, frame: shape.frame, elementType: .uint16,
            choice: MaskChoice(detector: .none, mask: try RecordedMask.open(maskPath, for: shape)),
            catalogue: try DetectorCatalogue(directories: [directory.path]))
    }
}
