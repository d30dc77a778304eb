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
    /// What the file holds, in the gap, too.
    let counts: [UInt16]

    /// - Parameters:
    ///   - photonValue: what one photon counts as, for counts that scatter as photons do.
    ///   - stuckPixels: what pixels of a frame hold in all of them.
    ///   - isOnePeak: whether the fringes stand on a peak of which both sides are alike, beside the gap.
    init(
        _ shape: VolumeShape = VolumeShape(frames: 16, rows: 40, columns: 112), peak: Float = 200,
        emptyFrames: Set<Int> = [], photonValue: Float? = nil, stuckPixels: [Int: UInt16] = [:],
        isOnePeak: Bool = false
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
        var counts = Self.counts(shape, peak: peak, photonValue: photonValue, isOnePeak: isOnePeak)
        for frame in emptyFrames {
            for voxel in frame * shape.frame.count..<(frame + 1) * shape.frame.count { counts[voxel] = 0 }
        }
        for (pixel, value) in stuckPixels {
            for frame in 0..<shape.frames { counts[frame * shape.frame.count + pixel] = value }
        }
        counts.withUnsafeBytes { file.append(contentsOf: $0) }
        self.counts = counts
        try file.write(to: URL(fileURLWithPath: path))
    }

    private static func counts(_ shape: VolumeShape, peak: Float, photonValue: Float?, isOnePeak: Bool) -> [UInt16] {
        var noise: UInt32 = 1
        /// Near enough to a standard normal distribution.
        func normal() -> Float {
            (0..<12).reduce(-6) { sum, _ in
                noise = noise &* 1_664_525 &+ 1_013_904_223
                return sum + Float(noise >> 8) / 16_777_216
            }
        }
        return (0..<shape.count).map { voxel in
            let (frame, pixel) = voxel.quotientAndRemainder(dividingBy: shape.frame.count)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.columns)
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let phase = 0.7 * Float(column) + 0.3 * Float(row) + 0.2 * Float(frame)
            if isOnePeak {
                let place = SIMD3(
                    Float(frame - shape.frames / 2), Float(row - shape.rows / 2), Float(column - shape.columns / 2 + 14)
                )
                let (distance, fringe) = (place / SIMD3(8, 12, 16), place * SIMD3(0.5, 0.4, 0.7))
                return UInt16(peak * exp(-(distance * distance).sum() / 2) * (1 + cos(fringe.sum())) / 2)
            }
            if let photonValue {
                let photons = peak * exp(sin(phase) - 1)
                return UInt16(photonValue * max(0, photons + photons.squareRoot() * normal()).rounded())
            }
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
