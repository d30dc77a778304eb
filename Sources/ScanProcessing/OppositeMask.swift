internal import Detectors
internal import ScanFiles
internal import Volume

/// Looks in some frames for counts under a mask that covers most of the image, and for none beside it.
struct OppositeMask {
    private let mask: PixelMask
    private let covered: Int
    private var pixelsUnder = 0
    private var isAnyBeside = false

    /// - Returns: `nil` for a mask that covers no more than half, or everything.
    init?(_ mask: PixelMask) {
        self.mask = mask
        covered = mask.storage.count { $0 }
        guard 2 * covered > mask.storage.count, covered < mask.storage.count else { return nil }
    }

    mutating func add(_ decoded: DecodedFrames<Float>) {
        for (pixel, value) in decoded.voxels.enumerated() where value != 0 && !decoded.invalid[pixel] {
            if mask.storage[pixel] { pixelsUnder += 1 } else { isAnyBeside = true }
        }
    }

    /// A few hot pixels are no proof.
    var isCertain: Bool { !isAnyBeside && 100 * pixelsUnder > covered }
}

extension ScanGaps {
    /// Looks for a mask that says the opposite of what it should.
    ///
    /// - Throws: ``ScanFileError`` for one that masks most of what the detector measures, and not its gaps.
    mutating func judge(_ pixels: [Bool], of recorded: RecordedMask, named name: String) throws(ScanFileError) {
        let gaps = recognition?.mask.storage ?? []
        var (measuring, masked, gap, open) = (0, 0, 0, 0)
        for (pixel, isMasked) in pixels.enumerated() {
            if !gaps.isEmpty, gaps[pixel] {
                gap += 1
                open += isMasked ? 0 : 1
            } else {
                measuring += 1
                masked += isMasked ? 1 : 0
            }
        }
        guard 2 * masked > measuring else { return }
        let share = "\(100 * masked / measuring) % of the pixels"
        if gap > 0, 2 * open > gap {
            throw ScanFileError(
                path: recorded.location,
                problem: "masks \(share) that \(detector?.name ?? "") measures with, and not its gaps: "
                    + "a mask says 1 where a pixel is unusable")
        }
        remarks.append("\(name) masks \(share)")
    }
}
