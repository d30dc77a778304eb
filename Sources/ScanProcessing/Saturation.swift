internal import Detectors
internal import ScanFiles
internal import Volume
internal import WorkMessages

/// From which value on a recorded voxel is saturated, and what becomes of it then.
struct Saturation {
    /// In recorded units.
    let limit: Float
    let use: SaturatedVoxels

    /// The file's own limit, or else the detector's, which is in counts; `nil` where neither is known.
    init?(of scan: Scan, gaps: ScanGaps, use: SaturatedVoxels) {
        let detector = gaps.detector?.saturation.map { $0 * gaps.photonScale.photon }
        guard let limit = scan.detector.saturationValue ?? detector else { return nil }
        self.limit = Float(limit)
        self.use = use
    }

    /// The saturated pixels of each frame, which become invalid where they are to be replaced.
    func take(from decoded: inout DecodedFrames<Float>, mask: PixelMask) -> [[Int]] {
        let pixels = mask.shape.count
        return (0..<decoded.frames.count).map { frame in
            let base = frame * pixels
            let saturated = decoded.voxels.withUnsafeBufferPointer { voxels in
                (0..<pixels).filter { voxels[base + $0] >= limit && !mask.storage[$0] && !decoded.invalid[base + $0] }
            }
            if use == .replace { for pixel in saturated { decoded.invalidate(voxel: base + pixel) } }
            return saturated
        }
    }
}
