internal import Diffraction
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
            let mirror = methods.contains { $0.seesOtherSide } ? volume.mirror : nil
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
