internal import Diffraction
internal import Foundation
internal import Inpainting
public import Volume

/// Draws windows, hides a gap in each and scores every method on the very same voxels.
public struct WindowScoring: Sendable {
    public var methods: [StudyMethod]
    /// Widths of the gaps, in pixels.
    public var widths = [3, 6, 9, 12, 20, 38]
    /// Number of windows for each width.
    public var windows = 1000
    /// Share of the windows whose gap is a cross.
    public var crosses = 0.2
    /// Decides where the windows lie.
    public var seed: UInt64 = 0

    /// Extents of the windows, (frame, slow = row, fast = column); `nil` for what the width of their gap asks for.
    public var shape: VolumeShape?
    /// Whether gaps as wide as the seams of a MAXIPIX are such, with pixels that hold sums.
    public var hasSeams = false
    /// Share of the hidden voxels that have signal, at least.
    public var signalShare = 0.25
    /// Windows that are filled at once before progress is told; 1 to learn how long one takes on all cores.
    public var batch = 32

    /// Keeps the windows' places apart from all else that is random.
    private static let stream: UInt64 = 0x5354_5544_4945_5332

    public init(methods: [StudyMethod]) {
        self.methods = methods
    }

    /// Scores the windows of a source, volume after volume; only one is held in memory.
    ///
    /// The result is the same for any number of cores.
    /// - Parameter progress: told the number of windows scored and the number asked for.
    /// - Throws: ``StudyError/noWindow(source:reason:)``
    public func run(
        _ source: some VolumeSource, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StudyError) -> WindowScores {
        let draws = widths.map {
            WindowDraw(
                layouts: WindowLayout.all(width: $0, shape: shape, hasSeams: hasSeams), crosses: crosses,
                signalShare: signalShare)
        }
        var missing = widths.map { _ in windows }
        var scored: [ScoredWindow] = []
        for index in 0..<source.availableVolumes where missing.contains(where: { $0 > 0 }) {
            let volume = source.volume(index)
            let mirror = methods.contains { $0.seesFriedelMates } ? volume.mirror : nil
            let volumesLeft = max(1, source.plannedVolumes - index)
            let drawn = concurrentMap(0..<widths.count) { width in
                var generator = SeededGenerator(
                    seed: seed, stream: Self.stream, UInt64(index), UInt64(widths[width]))
                let share = (missing[width] + volumesLeft - 1) / volumesLeft
                return draws[width].windows(
                    share, after: windows - missing[width], of: volume, using: &generator)
            }
            for width in widths.indices { missing[width] -= drawn[width].count }
            let places = drawn.flatMap { $0 }
            for start in stride(from: 0, to: places.count, by: batch) {
                scored += concurrentMap(start..<min(start + batch, places.count)) {
                    ScoredWindow(places[$0], of: volume, mirror: mirror, volume: index, methods: methods)
                }
                progress(scored.count, windows * widths.count)
            }
        }
        guard !scored.isEmpty else {
            throw .noWindow(
                source: source.name,
                reason: "no place free of gaps is large enough and has counts in a quarter of the hidden voxels")
        }
        return WindowScores(
            source: source.name, methods: methods.map(\.name), windows: scored, scoring: self,
            volumes: Set(scored.map(\.volume)).count)
    }
}

/// All that was scored in one run.
public struct WindowScores: Sendable {
    /// As the tables call it: `simulated`, or the name of a file.
    public var source: String
    /// The methods, without the oracle.
    public var methods: [String]
    public var windows: [ScoredWindow]
    /// How they were drawn.
    public var scoring: WindowScoring
    /// Number of volumes that the windows are from.
    public var volumes: Int

    /// True where the truth without noise is known.
    public var isSimulated: Bool { windows.first?.oracle != nil }

    /// The names of all that was scored, in the order of ``ScoredWindow/scores``.
    public var scoredNames: [String] { methods + (isSimulated ? [StudyMethod.oracle] : []) }
}

/// How well one fill meets the hidden voxels of one window.
public struct WindowScore: Sendable, Equatable {
    /// Pearson correlation of log(1+I) with the photons counted; 0 where the fill does not vary.
    public var pcc = 0.0
    /// The same with the photons expected; `nil` where these are unknown.
    public var pccNoiseFree: Double?
    /// Sum of the squared errors of log(1+I) against the photons counted.
    public var squaredError = 0.0
    /// What that sum would be if the fill were the truth, and photon noise all that is left.
    public var photonNoise = 0.0
    /// How many of the photons counted lie within the stated limits.
    public var coverage = LimitCoverage()
}

extension WindowScore {
    /// - Parameters:
    ///   - fill: the window, its hidden voxels filled.
    ///   - errors: standard uncertainties in counts; NaN or `nil` where there are none.
    ///   - counts: what was counted there.
    ///   - noiseFree: what was expected there.
    ///   - hidden: positions in a frame of the voxels that are scored.
    public init(
        fill: Volume<Float>, errors: Volume<Float>? = nil, counts: Volume<Float>, noiseFree: Volume<Float>? = nil,
        hidden: [Int]
    ) {
        self.init()
        var measured = Correlation()
        var expected = Correlation()
        for frame in 0..<fill.shape.frames {
            let base = frame * fill.shape.frame.count
            for pixel in hidden {
                let voxel = base + pixel
                let estimate = log1p(Double(fill.storage[voxel]))
                measured.add(log1p(Double(counts.storage[voxel])), estimate)
                if let noiseFree { expected.add(log1p(Double(noiseFree.storage[voxel])), estimate) }
                photonNoise += PhotonNoise.squaredError(expectation: fill.storage[voxel])
                coverage.add(
                    count: counts.storage[voxel], estimate: fill.storage[voxel], error: errors?.storage[voxel])
            }
        }
        pcc = measured.pearson ?? 0
        pccNoiseFree = noiseFree == nil ? nil : expected.pearson ?? 0
        squaredError = max(0, measured.squaredDifference)
    }
}

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
    /// - Parameter mirror: the Friedel mates.
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
            distance: window.distance(from: (source.brightest.row, source.brightest.column)),
            scores: scores + (oracle.map { [$0] } ?? []), seconds: seconds, oracle: oracle?.pcc)
    }
}
