internal import Diffraction
internal import Inpainting
internal import Volume

/// Scores methods side by side on gaps in two-dimensional patterns that no network was trained on.
///
/// Every question also scores the expected counts as if they were a fill: the oracle.
struct PlanarScoring: Sendable {
    var methods: [StudyMethod]
    var seed: UInt64
    /// Rows and columns of the patterns.
    var extent: Int

    /// Keeps the patterns apart from those that networks learn from.
    private static let stream: UInt64 = 0x504C_414E_4152
    /// Share of the gaps of the first question that are crosses.
    private static let crosses = 0.2
    /// The width on which position and oversampling are asked for: the thesis'.
    static let width = 9

    private var shape: FrameShape { FrameShape(rows: extent, columns: extent) }
    private var patterns: PlanarStream { PlanarStream(seed: seed ^ Self.stream) }

    /// Against gap width: a band of columns anywhere in each pattern, one in five crossed by one of rows; for all widths
    /// about the same place.
    func scores(
        widths: [Int], patterns count: Int, progress: (_ done: Int, _ total: Int) -> Void
    ) -> [PlanarScore] {
        scores(patterns: count, progress: progress) { index in
            let pattern = patterns.pattern(index, shape: shape)
            var generator = SeededGenerator(seed: seed, stream: Self.stream, UInt64(index))
            let (column, row) = (generator.uniform(), generator.uniform())
            let isCross = generator.uniform() < Self.crosses
            return widths.map { width in
                func start(_ share: Double) -> Int { 1 + Int(share * Double(extent - width - 1)) }
                let band = GapLayout.band(width: width, axis: .columns, start: start(column))
                let layout = isCross ? band.union(.band(width: width, axis: .rows, start: start(row))) : band
                return (PlanarGap(question: .width, width: width), layout, pattern)
            }
        }
    }

    /// Against the place of a gap, at every `step`-th column.
    func scores(
        positionsEvery step: Int, patterns count: Int, progress: (_ done: Int, _ total: Int) -> Void
    ) -> [PlanarScore] {
        scores(patterns: count, progress: progress) { index in
            let pattern = patterns.pattern(index, shape: shape)
            return positions(every: step).map { start in
                let gap = PlanarGap(question: .position, width: Self.width, position: start)
                return (gap, GapLayout.band(width: Self.width, axis: .columns, start: start), pattern)
            }
        }
    }

    /// Against pixels per fringe: the patterns of each particle at several, with gaps at every `step`-th column.
    func scores(
        oversamplings: [Double], positionsEvery step: Int, particles count: Int,
        progress: (_ done: Int, _ total: Int) -> Void
    ) -> [PlanarScore] {
        scores(patterns: count, progress: progress) { index in
            oversamplings.flatMap { oversampling in
                let pattern = patterns.pattern(index, shape: shape, oversampling: oversampling)
                let gap = PlanarGap(question: .oversampling, width: Self.width, oversampling: oversampling)
                return positions(every: step).map { start in
                    (gap, GapLayout.band(width: Self.width, axis: .columns, start: start), pattern)
                }
            }
        }
    }

    /// First columns of gaps with measured pixels on both sides, the same distance from both borders.
    private func positions(every step: Int) -> [Int] {
        let last = extent - Self.width - 1
        return Array(stride(from: 1 + (last - 1) % step / 2, through: last, by: step))
    }

    /// Scores the gaps of some patterns, one after the other: every method has all cores.
    private func scores(
        patterns count: Int, progress: (_ done: Int, _ total: Int) -> Void,
        gaps: (_ index: Int) -> [(gap: PlanarGap, layout: GapLayout, pattern: PlanarPattern)]
    ) -> [PlanarScore] {
        var scores: [PlanarScore] = []
        for index in 0..<count {
            for (gap, layout, pattern) in gaps(index) {
                let hidden = HiddenPixels(layout.mask(in: shape), in: pattern)
                // What is prepared for the first one of all does not count.
                if scores.isEmpty { for method in methods { _ = hidden.filled(by: method) } }
                for method in methods {
                    let start = ContinuousClock.now
                    let fill = hidden.filled(by: method)
                    let seconds = (ContinuousClock.now - start) / .seconds(1)
                    scores.append(
                        PlanarScore(
                            gap: gap, method: method.name, pattern: index, score: hidden.score(of: fill),
                            seconds: seconds))
                }
                scores.append(
                    PlanarScore(
                        gap: gap, method: StudyMethod.oracle, pattern: index, score: hidden.score(of: pattern.expected))
                )
            }
            progress(index + 1, count)
        }
        return scores
    }
}

/// The pixels of one pattern that a gap hides.
private struct HiddenPixels {
    let pattern: PlanarPattern
    let gapped: FrameBlock
    let positions: [Int]

    init(_ mask: PixelMask, in pattern: PlanarPattern) {
        self.pattern = pattern
        positions = mask.storage.indices.filter { mask.storage[$0] }
        var counts = pattern.counts
        for pixel in positions { counts.storage[pixel] = 0 }
        gapped = FrameBlock(data: counts, plans: [GapPlan(mask: mask, maximumWidth: .max)])
    }

    func filled(by method: StudyMethod) -> Volume<Float> {
        var block = gapped
        method.filler.fill(&block)
        return block.data
    }

    func score(of fill: Volume<Float>) -> WindowScore {
        WindowScore(fill: fill, counts: pattern.counts, noiseFree: pattern.expected, hidden: positions)
    }
}

/// What the two-dimensional studies ask, and the gap on which they do.
struct PlanarGap: Sendable, Hashable {
    enum Question: String, Sendable, CaseIterable {
        case width, position, oversampling
    }

    var question: Question
    /// In pixels.
    var width: Int
    /// The first column of the gap, where that is asked for.
    var position: Int?
    /// Pixels per fringe, where that is asked for.
    var oversampling: Double?

    /// Where it stands in a figure.
    var quantity: Double {
        switch question {
        case .width: Double(width)
        case .position: Double(position ?? 0)
        case .oversampling: oversampling ?? 0
        }
    }
}

/// How well one method fills one gap of one pattern.
struct PlanarScore: Sendable {
    var gap: PlanarGap
    var method: String
    /// The pattern's number.
    var pattern: Int
    var score: WindowScore
    /// Wall time on all cores; `nil` for what is not filled.
    var seconds: Double?
}
