internal import Detectors
public import Volume

/// Finds, while a scan passes by for the first time, the parts of it from which more can be learnt.
public struct SampleSurvey: Sendable {
    /// How many gaps are hidden for the self-check.
    private static let hiddenGaps = 12...48
    /// Voxels hidden for each one that is filled, so that the check of a small scan costs no more than the filling.
    private static let hiddenShare = 0.5
    /// Most parts that a network is shown.
    private static let mostParts = 64
    /// The same scan gives the same draw.
    private static let seed: UInt64 = 0

    private let shape: VolumeShape
    private let maximumWidth: Int
    private var signal: SignalSurvey
    private var training: TrainingSurvey?
    private var peak: PeakSurvey?
    private var filled = 0

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - shape: of the scan.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    ///   - mirrors: whether the Friedel mates are wanted.
    ///   - trains: whether parts for training are wanted.
    public init(mask: PixelMask, shape: VolumeShape, maximumWidth: Int, mirrors: Bool, trains: Bool) {
        let bands = mask.bands
        self.shape = shape
        self.maximumWidth = maximumWidth
        signal = SignalSurvey(mask: mask, bands: bands, frames: shape.frames, maximumWidth: maximumWidth)
        training = trains ? TrainingSurvey(mask: mask, bands: bands, shape: shape) : nil
        peak = mirrors ? PeakSurvey() : nil
    }

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) {
        signal.add(block.data, firstFrame: firstFrame)
        training?.add(block.data, firstFrame: firstFrame)
        peak?.add(block, firstFrame: firstFrame)
        filled += block.plans.reduce(0) { $0 + $1.fillableCount }
    }

    /// What takes these parts out of the scan when it passes by again.
    public var collector: SampleCollector {
        let hidden = signal.draw(Self.hiddenGaps, hiding: Int(Self.hiddenShare * Double(filled)), seed: Self.seed)
        let parts = training?.draw(atMost: Self.mostParts, apartFrom: hidden.map(\.hidden), seed: Self.seed) ?? []
        return SampleCollector(
            hidden: hidden, parts: parts, peak: peak?.peak, around: peak?.box(within: shape),
            maximumWidth: maximumWidth, windows: signal.windows)
    }
}

/// Takes samples out of a scan while it passes by.
public struct SampleCollector: Sendable {
    let hidden: [HiddenGap]
    private let parts: [VoxelBox]
    private let peak: [Int]?
    private let around: VoxelBox?
    private let maximumWidth: Int
    private let windows: Double
    private var boxes: BoxCollector

    fileprivate init(
        hidden: [HiddenGap], parts: [VoxelBox], peak: [Int]?, around: VoxelBox?, maximumWidth: Int, windows: Double
    ) {
        self.hidden = hidden
        self.parts = parts
        self.peak = peak
        self.around = around
        self.maximumWidth = maximumWidth
        self.windows = windows
        boxes = BoxCollector(
            hidden.map(\.box) + parts + (around.map { [$0] } ?? []), maximumWidth: maximumWidth)
    }

    /// Whether these frames of the scan are to be added.
    public func wants(_ frames: Range<Int>) -> Bool { boxes.wants(frames) }

    /// Takes what it wants of some frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) { boxes.add(block, firstFrame: firstFrame) }

    /// What was taken.
    ///
    /// - Precondition: all frames that it wants were added.
    public var samples: ScanSamples {
        let blocks = boxes.blocks
        var mirror: BraggMirror?
        if let around, let peak, let block = blocks.last { mirror = BraggMirror(block, box: around, peak: peak) }
        let hiddenVoxels = hidden.map(\.hidden)
        return ScanSamples(
            check: SelfCheck(
                hidden, crops: Array(blocks.prefix(hidden.count)), mirror: mirror, maximumWidth: maximumWidth),
            mirror: mirror,
            training: zip(parts, blocks[hidden.count...]).compactMap { box, block in
                let mask = block.masked
                guard GapFreePart.isGapFree(mask) else { return nil }
                return GapFreePart(box: box, counts: block.data, mask: mask, mirror: mirror, hidden: hiddenVoxels)
            },
            windows: windows)
    }
}

/// Parts of a scan from which one learns how well its gaps can be filled, and how to fill them better.
public struct ScanSamples: Sendable {
    public let check: SelfCheck
    /// The Friedel mates; `nil` where they tell nothing, or nobody wants to know.
    public let mirror: BraggMirror?
    /// Gap-free parts of the scan. They may lie around the gaps that are hidden for the self-check, as they lie around the
    /// real ones, but hold no voxel that is hidden.
    public let training: [GapFreePart]
    /// About how many windows the gaps have, each 32 frames and 32 pixels along the gap, that are not in the dark.
    public let windows: Double
}

extension FrameBlock {
    /// The pixels that were not measured in every frame: some frames may lack more than the others.
    fileprivate var masked: PixelMask { PixelMask.union(of: \.mask, plans[...]) }
}

/// Finds, while a scan passes by, where gaps can be hidden that tell something: where there are counts.
struct SignalSurvey: Sendable {
    private let mask: PixelMask
    private let places: [HiddenGap]
    /// Hidden voxels with at least one count, for each place.
    private var counts: [Int]

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - bands: the gaps, (row or column).
    ///   - frames: number of frames of the scan.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    init(mask: PixelMask, bands: [GapBand], frames: Int, maximumWidth: Int) {
        self.mask = mask
        places = HiddenGap.places(mask: mask, bands: bands, frames: frames, maximumWidth: maximumWidth)
        counts = [Int](repeating: 0, count: places.count)
    }

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    mutating func add(_ data: Volume<Float>, firstFrame: Int) {
        let frames = firstFrame..<firstFrame + data.shape.frames
        let seen = concurrentMap(0..<places.count) { index in
            let place = places[index]
            var count = 0
            for frame in place.box.frames.clamped(to: frames) {
                for row in place.rows {
                    let base = data.rowBase(frame: frame - firstFrame, row: row)
                    for column in place.columns where data.storage[base &+ column] >= 1 && !mask[row, column] {
                        count &+= 1
                    }
                }
            }
            return count
        }
        for index in counts.indices { counts[index] += seen[index] }
    }

    /// About how many windows of the gaps themselves are not in the dark: there are places on both sides of a gap.
    var windows: Double {
        Double(zip(places, counts).count { 50 * $1 >= $0.hidden.shape.count }) / 2
    }

    /// Some places with signal, where at least a quarter of the hidden voxels holds a count, drawn at random and shared
    /// between the widths of the gaps as evenly as can be.
    ///
    /// - Parameters:
    ///   - count: of the gaps, where there are as many places.
    ///   - voxels: that all of them together hide at most, but for the fewest of them.
    func draw(_ count: ClosedRange<Int>, hiding voxels: Int, seed: UInt64) -> [HiddenGap] {
        let draw = SeededDraw(seed: seed)
        let telling = zip(places, counts).filter { place, count in
            4 * count >= place.box.frames.count * place.rows.count * place.columns.count
        }
        let ranked = telling.map(\.0).map { place in
            (place, draw.number(place.box.frames.lowerBound, place.rows.lowerBound, place.columns.lowerBound))
        }
        let widths = Dictionary(grouping: ranked.sorted { $0.1 < $1.1 }.map(\.0), by: \.width)
            .sorted { $0.key < $1.key }.map(\.value)
        let rounds = (0..<(widths.map(\.count).max() ?? 0)).lazy.flatMap { round in
            widths.compactMap { round < $0.count ? $0[round] : nil }
        }
        var room = voxels
        return rounds.prefix(count.upperBound).enumerated().prefix { index, gap in
            room -= gap.hidden.shape.count
            return index < count.lowerBound || room >= 0
        }.map(\.element)
    }
}

/// A gap that is placed where the counts were measured, and what a filler sees around it.
///
/// It lies beside a real gap of the same width and direction.
struct HiddenGap: Hashable, Sendable {
    /// What the filler sees, within the scan.
    var box: VoxelBox
    /// What is hidden, within the frame.
    var rows: Range<Int>
    var columns: Range<Int>
    /// Across the gap, in pixels.
    var width: Int

    /// The voxels that are hidden.
    var hidden: VoxelBox { VoxelBox(frames: box.frames, rows: rows, columns: columns) }

    /// Frames of a window, and its pixels along the gap.
    static let length = 32
    /// Measured pixels between a real gap and the one placed beside it.
    static let margin = 8
    /// Pixels that are shown to the filler on each side of a hidden gap.
    static let context = 24

    /// Every place for such gaps in the frames of a scan, whatever was counted there.
    ///
    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - bands: the gaps.
    ///   - frames: number of frames of the scan.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    static func places(mask: PixelMask, bands: [GapBand], frames: Int, maximumWidth: Int) -> [HiddenGap] {
        let groups = groups(of: frames)
        return bands.filter { $0.width <= maximumWidth }
            .flatMap { places(beside: $0, within: mask.shape) }
            .filter { GapFreePart.isGapFree(mask.cropped(rows: $0.rows, columns: $0.columns)) }
            .flatMap { gap in
                groups.map { frames in
                    var gap = gap
                    gap.box.frames = frames
                    return gap
                }
            }
    }

    /// The places on both sides of a gap, without frames as yet.
    private static func places(beside band: GapBand, within frame: FrameShape) -> [HiddenGap] {
        let (across, along) = band.axis == .row ? (frame.rows, frame.columns) : (frame.columns, frame.rows)
        let starts = [band.range.lowerBound - margin - band.width, band.range.upperBound + margin]
        return starts.filter { $0 > 0 && $0 + band.width < across }.flatMap { start in
            let hidden = start..<start + band.width
            let shown = max(0, hidden.lowerBound - context)..<min(across, hidden.upperBound + context)
            return stride(from: 0, through: along - length, by: length).map { first in
                let part = first..<first + length
                return band.axis == .row
                    ? HiddenGap(
                        box: VoxelBox(frames: 0..<0, rows: shown, columns: part), rows: hidden, columns: part,
                        width: band.width)
                    : HiddenGap(
                        box: VoxelBox(frames: 0..<0, rows: part, columns: shown), rows: part, columns: hidden,
                        width: band.width)
            }
        }
    }

    /// The frames of a scan in groups of equal length, all of them in one where there are few.
    private static func groups(of frames: Int) -> [Range<Int>] {
        guard frames >= length else { return frames > 0 ? [0..<frames] : [] }
        let start = frames % length / 2
        return stride(from: start, through: frames - length, by: length).map { $0..<$0 + length }
    }
}
