internal import Foundation
public import Volume

/// Measures on the scan itself how well its gaps are filled.
///
/// Gaps of the widths that the detector has are placed beside the real ones, where the counts were measured; windows
/// of them are hidden, filled, and compared with what was measured there. Only windows with signal count: those where
/// at least a quarter of the hidden voxels holds a count.
public struct SelfCheck: Sendable {
    /// What the check tells about one way of filling.
    public struct Score: Sendable, Equatable {
        /// Pearson correlation of log(1+I) over the hidden voxels, mean over the windows.
        public var pcc: Double?
        /// Mean squared error of log(1+I) in units of what photon noise alone would give; 1 is the limit.
        public var misfit: Double?
        /// Number of windows.
        public var samples: Int
    }

    /// Rows or columns of a window along the gap, and the frames that are scored together.
    public static let windowLength = 32
    /// Measured pixels between a real gap and the one placed beside it.
    static let margin = 8
    /// Measured pixels that are shown to the filler on each side of a hidden gap.
    static let context = 16

    /// A window of the frame with a hidden gap in it.
    struct Window: Sendable {
        /// What the filler sees.
        var rows: Range<Int>
        var columns: Range<Int>
        /// What is hidden, within the frame.
        var hiddenRows: Range<Int>
        var hiddenColumns: Range<Int>
    }

    private struct Sums: Sendable {
        var correlation = Correlation()
        var noise = 0.0

        mutating func add(_ other: Sums) {
            correlation.add(other.correlation)
            noise += other.noise
        }
    }

    private struct Key: Hashable {
        var window: Int
        /// Which group of `windowLength` frames.
        var group: Int
        var filler: Int
    }

    private let fillers: [any GapFiller]
    private let maximumWidth: Int
    let windows: [Window]
    private var sums: [Key: Sums] = [:]

    /// - Parameter fillers: the ways of filling to compare, each on the same hidden voxels.
    /// - Parameter bands: the rows and columns that are gaps over the whole frame.
    public init(
        fillers: [any GapFiller], mask: PixelMask, rowGaps: [Range<Int>], columnGaps: [Range<Int>], maximumWidth: Int
    ) {
        self.fillers = fillers
        self.maximumWidth = maximumWidth
        windows = Self.windows(mask: mask, rowGaps: rowGaps, columnGaps: columnGaps, maximumWidth: maximumWidth)
    }

    /// Scores the frames of a block, before they are filled.
    ///
    /// - Parameter firstFrame: the position in the scan of the block's first frame.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) {
        // A block lies in one group, or is cut where the next group begins.
        var start = 0
        while start < block.data.shape.frames {
            let group = (firstFrame + start) / Self.windowLength
            let end = min(block.data.shape.frames, (group + 1) * Self.windowLength - firstFrame)
            add(block, frames: start..<end, group: group)
            start = end
        }
    }

    private mutating func add(_ block: FrameBlock, frames: Range<Int>, group: Int) {
        let scored = concurrentMap(0..<windows.count) { index in
            hasSignal(block.data, window: windows[index], frames: frames)
                ? score(block, frames: frames, window: windows[index]) : nil
        }
        for (window, scores) in scored.enumerated() {
            for (filler, score) in (scores ?? []).enumerated() {
                sums[Key(window: window, group: group, filler: filler), default: Sums()].add(score)
            }
        }
    }

    /// The scores of the fillers, in their order.
    public var scores: [Score] {
        fillers.indices.map { filler in
            // Summed in a fixed order, so that the last digit does not depend on the hash seed.
            let mine = sums.filter { $0.key.filler == filler }
                .sorted { ($0.key.group, $0.key.window) < ($1.key.group, $1.key.window) }.map(\.value)
            let correlations = mine.compactMap(\.correlation.pearson)
            let noise = mine.reduce(0) { $0 + $1.noise }
            let error = mine.reduce(0) { $0 + $1.correlation.squaredDifference }
            return Score(
                pcc: correlations.isEmpty ? nil : correlations.reduce(0, +) / Double(correlations.count),
                misfit: noise > 0 ? error / noise : nil,
                samples: correlations.count)
        }
    }

    // MARK: - One window

    private func hasSignal(_ data: Volume<Float>, window: Window, frames: Range<Int>) -> Bool {
        var counts = 0
        for frame in frames {
            for row in window.hiddenRows {
                let base = data.rowBase(frame: frame, row: row)
                for column in window.hiddenColumns where data.storage[base + column] >= 1 { counts += 1 }
            }
        }
        return 4 * counts >= frames.count * window.hiddenRows.count * window.hiddenColumns.count
    }

    /// What each filler makes of the hidden voxels of one window.
    private func score(_ block: FrameBlock, frames: Range<Int>, window: Window) -> [Sums] {
        let crop = crop(block, frames: frames, window: window)
        return fillers.map { filler in
            var filled = crop
            filler.fill(&filled)
            var sum = Sums()
            for frame in frames {
                let mask = block.plans[frame].mask
                for row in window.hiddenRows {
                    for column in window.hiddenColumns where !mask[row, column] {
                        let truth = block.data[frame, row, column]
                        let estimate = filled.data[
                            frame - frames.lowerBound, row - window.rows.lowerBound,
                            column - window.columns.lowerBound]
                        sum.correlation.add(log1p(Double(truth)), log1p(Double(estimate)))
                        sum.noise += PhotonNoise.squaredError(expectation: estimate)
                    }
                }
            }
            return sum
        }
    }

    /// The part of a block that a filler sees, with the hidden voxels masked.
    private func crop(_ block: FrameBlock, frames: Range<Int>, window: Window) -> FrameBlock {
        let shape = VolumeShape(frames: frames.count, rows: window.rows.count, columns: window.columns.count)
        var data = Volume<Float>(shape: shape, repeating: 0)
        var plans: [(base: GapPlan, plan: GapPlan)] = []
        for frame in frames {
            for row in window.rows {
                let source = block.data.rowBase(frame: frame, row: row) + window.columns.lowerBound
                let target = data.rowBase(frame: frame - frames.lowerBound, row: row - window.rows.lowerBound)
                for offset in 0..<window.columns.count {
                    data.storage[target + offset] = block.data.storage[source + offset]
                }
            }
            let base = block.plans[frame]
            let known = plans.last.flatMap { $0.base === base ? $0.plan : nil }
            plans.append((base, known ?? plan(hiding: window, in: base)))
        }
        return FrameBlock(data: data, plans: plans.map(\.plan))
    }

    private func plan(hiding window: Window, in base: GapPlan) -> GapPlan {
        var mask = PixelMask(shape: FrameShape(rows: window.rows.count, columns: window.columns.count))
        for row in window.rows {
            for column in window.columns
            where base.mask[row, column] || (window.hiddenRows.contains(row) && window.hiddenColumns.contains(column)) {
                mask[row - window.rows.lowerBound, column - window.columns.lowerBound] = true
            }
        }
        return GapPlan(mask: mask, maximumWidth: maximumWidth)
    }

    // MARK: - Where the windows lie

    private static func windows(
        mask: PixelMask, rowGaps: [Range<Int>], columnGaps: [Range<Int>], maximumWidth: Int
    ) -> [Window] {
        let rows = rowGaps.filter { $0.count <= maximumWidth }.flatMap { gap in
            windows(beside: gap, across: mask.shape.rows, along: mask.shape.columns).map { across, along in
                Window(
                    rows: shown(across, within: mask.shape.rows), columns: along, hiddenRows: across,
                    hiddenColumns: along)
            }
        }
        let columns = columnGaps.filter { $0.count <= maximumWidth }.flatMap { gap in
            windows(beside: gap, across: mask.shape.columns, along: mask.shape.rows).map { across, along in
                Window(
                    rows: along, columns: shown(across, within: mask.shape.columns), hiddenRows: along,
                    hiddenColumns: across)
            }
        }
        return (rows + columns).filter { window in
            window.hiddenRows.allSatisfy { row in window.hiddenColumns.allSatisfy { !mask[row, $0] } }
        }
    }

    /// The ranges across and along a gap of the windows that are placed on both sides of it.
    private static func windows(
        beside gap: Range<Int>, across: Int, along: Int
    ) -> [(across: Range<Int>, along: Range<Int>)] {
        let before = gap.lowerBound - margin - gap.count
        let after = gap.upperBound + margin
        return [before, after].filter { $0 > 0 && $0 + gap.count < across }.flatMap { start in
            stride(from: 0, through: along - windowLength, by: windowLength).map {
                (start..<start + gap.count, $0..<$0 + windowLength)
            }
        }
    }

    /// A hidden range with its context.
    private static func shown(_ hidden: Range<Int>, within extent: Int) -> Range<Int> {
        max(0, hidden.lowerBound - context)..<min(extent, hidden.upperBound + context)
    }
}
