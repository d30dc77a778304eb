internal import Foundation
internal import Inpainting
internal import Volume

/// A window, what is known about it, and the score of every method on it.
public struct ScoredWindow: Sendable {
    /// Width of the gap in pixels.
    public var width: Int
    /// Which volume of the source it is from.
    public var volume: Int
    public var traits: StudyVolume.Traits?
    /// Mean log(1+I) of the voxels that were not hidden.
    public var brightness: Double
    /// Mean counts of all its voxels.
    public var meanCounts: Double
    /// Pixels across the gap from its middle to the volume's brightest voxel; `nil` for a cross.
    public var distance: Double?
    /// One for each method, in their order; where the truth is known, that of the oracle comes last.
    public var scores: [WindowScore]
    /// Seconds that each method took, in their order.
    public var seconds: [Double]
    /// PCC of the noise-free truth; `nil` for a measurement.
    public var oracle: Double?

    public var brightnessClass: BrightnessClass { BrightnessClass(meanLog: brightness) }
}

extension ScoredWindow {
    /// Hides the voxels, lets each method fill them and scores what it makes of them.
    ///
    /// - Parameter mirror: the other side of the volume's Bragg peak.
    init(_ window: DrawnWindow, of source: StudyVolume, mirror: BraggMirror?, volume: Int, methods: [StudyMethod]) {
        let layout = window.layout
        let counts = window.crop(source.counts)
        let noiseFree = source.noiseFree.map(window.crop)
        let gapped = FrameBlock(hiding: layout, in: counts)
        let mirror = mirror?.hiding(window.gaps(in: source.counts.shape))
            .seen(fromFrame: window.corner.frame, row: window.corner.row, column: window.corner.column)

        var scores: [WindowScore] = []
        var seconds: [Double] = []
        for method in methods {
            let start = ContinuousClock.now
            let filled = method.fill(gapped, mirror: mirror)
            let took = ContinuousClock.now - start
            seconds.append(Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18)
            scores.append(
                WindowScore(
                    fill: filled.data, errors: filled.errors, counts: counts, noiseFree: noiseFree,
                    hidden: layout.hidden))
        }
        let oracle = noiseFree.map {
            WindowScore(fill: $0, counts: counts, noiseFree: $0, hidden: layout.hidden)
        }
        self.init(
            width: layout.width, volume: volume, traits: source.traits, brightness: gapped.meanLogOfVisible,
            meanCounts: counts.storage.reduce(0) { $0 + Double($1) } / Double(counts.shape.count),
            distance: window.distance(from: source.brightest),
            scores: scores + (oracle.map { [$0] } ?? []), seconds: seconds, oracle: oracle?.pcc)
    }
}
