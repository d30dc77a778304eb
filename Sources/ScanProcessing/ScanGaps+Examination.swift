internal import Detectors
internal import ScanFiles
internal import Volume

extension ScanGaps {
    /// The gaps with the pixels that some frames of the scan show to measure nothing, and what is said of these.
    func examined(by reader: FrameReader) throws(ScanFileError) -> ScanGaps {
        var examination = PixelExamination(mask: mask)
        let frames = reader.shape.frames
        for frame in stride(from: 0, to: frames, by: max(1, frames / PixelExamination.frames)) {
            examination.add(try reader.read(frames: frame..<frame + 1).decode(flagValues: flagValues))
        }
        var gaps = self
        gaps.leastFrameSum = examination.leastFrameSum
        for finding in examination.findings {
            for pixel in finding.pixels {
                gaps.mask.storage[pixel] = true
                gaps.nexusPixelMask[pixel] |= (finding.kind == .hot ? NexusPixelStatus.noisy : .dead).rawValue
            }
            gaps.remarks.append(finding.description)
        }
        return gaps
    }
}
