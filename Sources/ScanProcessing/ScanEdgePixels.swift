internal import Detectors
internal import Foundation
internal import Inpainting
internal import ScanFiles
internal import Volume
internal import WorkMessages

/// Whether the enlarged pixels along a scan's seams are used as the sums that they hold.
struct ScanEdgePixels {
    let use: InpaintReport.EdgePixelUse
    /// The groups of pixels that were measured together, where they are used.
    let sums: SummedPixels?
    /// What it rests on, for people.
    let evidence: String?

    /// Frames of the scan that are looked at.
    private static let sampledFrames = 16

    /// - Parameter filler: not all ways of filling can use sums.
    init(of gaps: ScanGaps, filler: any GapFiller, reader: FrameReader) throws {
        guard let edges = gaps.recognition?.edgePixels else {
            // Told to mask them, or nothing is known of them.
            let isKnown = gaps.detector?.edgePixels != nil
            (use, sums, evidence) = (isKnown ? .masked : .absent, nil, nil)
            return
        }
        guard filler.usesSums else {
            (use, sums, evidence) = (.masked, nil, nil)
            return
        }
        var check = EdgePixelCheck(edges, mask: gaps.mask)
        let frames = reader.shape.frames
        for frame in stride(from: 0, to: frames, by: max(1, frames / Self.sampledFrames)) {
            var decoded = try reader.read(frames: frame..<frame + 1).decode(flagValues: gaps.flagValues)
            check.add(decoded.takeVoxels()[...])
        }
        let ratio = check.ratio.map { String(format: "%.2f times their neighbours", $0) } ?? "too few counts to tell"
        guard check.holdsSums else {
            (use, sums) = (.masked, nil)
            evidence = "edge pixels masked: they do not hold sums of \(edges.factor) (\(ratio))"
            return
        }
        use = .used
        sums = SummedPixels(
            edges, frame: reader.shape.frame, unusable: gaps.recognition?.badMask ?? PixelMask(shape: gaps.mask.shape))
        evidence = "edge pixels used as sums of \(edges.factor) (\(ratio))"
    }
}
