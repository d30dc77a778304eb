internal import Detectors
internal import Foundation
internal import Inpainting
internal import ScanFiles
internal import Volume
internal import WorkMessages

/// Counts the voxels of a scan as its blocks pass by.
struct VoxelTally {
    private(set) var masked = 0
    private(set) var filled = 0
    /// Voxels that hold more than they should, and in how many of them an estimate stands.
    private var saturated = 0
    private var replaced = 0
    private let saturation: Saturation?
    private var unstatedFlags: UnstatedFlags?
    /// In how many frames each pixel holds a flag or no number, and in how many of these it is filled.
    private var timesFlagged: [(all: Int32, filled: Int32)] = []
    private var frames = 0
    private let hasFrameMask: Bool
    private var emptyFrames: [Int] = []
    /// Frames that equal the one before.
    private var repeatedFrames: [Int] = []
    private var isolatedVoxels: [(frame: Int, pixel: Int)] = []
    private var last: ArraySlice<Float> = []

    /// - Parameter hasFrameMask: whether a mask differs from frame to frame, so that frames may lack voxels by it.
    init(saturation: Saturation?, unstatedFlags: UnstatedFlags?, hasFrameMask: Bool) {
        (self.saturation, self.unstatedFlags) = (saturation, unstatedFlags)
        self.hasFrameMask = hasFrameMask
    }

    /// - Parameter mask: the pixels that are masked in every frame.
    mutating func add<Count>(_ block: RecordedBlock<Count>, mask: PixelMask) {
        let nothing = block.empty + block.missing
        for (index, plan) in block.frames.plans.enumerated() {
            filled += plan.fillableCount
            masked += plan.fillableCount + plan.unfillableCount
            let saturated = block.saturated.isEmpty ? [] : block.saturated[index]
            tally(saturated: saturated, plan)
            if !nothing.contains(block.position.lowerBound + index) {
                tally(flagged: plan, mask, but: saturated)
            }
        }
        emptyFrames += block.empty
        let data = block.frames.data
        for (index, frame) in block.position.enumerated() where !nothing.contains(frame) {
            let voxels = data.storage[data.range(ofFrame: index)]
            if voxels == last, voxels.reduce(0, +) >= 50 { repeatedFrames.append(frame) }
            last = voxels
            let unusable = block.frames.plans[index].mask.storage
            unstatedFlags?.add(voxels, unusable: unusable, below: saturation?.limit)
            isolatedVoxels += IsolatedVoxels.pixels(of: voxels, shape: mask.shape, unusable: unusable)
                .map { (frame, $0) }
        }
    }

    private mutating func tally(saturated pixels: [Int], _ plan: GapPlan) {
        saturated += pixels.count
        replaced += pixels.count { plan.fillable.storage[$0] }
        if saturation?.use == .mark { masked += pixels.count { !plan.mask.storage[$0] } }
    }

    /// - Parameter saturated: what is replaced on purpose is no flag.
    private mutating func tally(flagged plan: GapPlan, _ mask: PixelMask, but saturated: [Int]) {
        frames += 1
        guard !hasFrameMask, plan.fillableCount + plan.unfillableCount > mask.maskedCount else { return }
        if timesFlagged.isEmpty { timesFlagged = Array(repeating: (0, 0), count: mask.shape.count) }
        for pixel in mask.storage.indices where plan.mask.storage[pixel] && !mask.storage[pixel] {
            timesFlagged[pixel].all += 1
            if plan.fillable.storage[pixel] { timesFlagged[pixel].filled += 1 }
        }
        guard saturation?.use == .replace else { return }
        for pixel in saturated {
            timesFlagged[pixel].all -= 1
            if plan.fillable.storage[pixel] { timesFlagged[pixel].filled -= 1 }
        }
    }

    private var remarksOnFlags: [String] {
        let fixed = timesFlagged.filter { $0.all == frames }
        let other = timesFlagged.filter { $0.all < frames }
        let voxels = other.reduce(0) { $0 + Int($1.all) }
        let filled = other.reduce(0) { $0 + Int($1.filled) }
        var remarks: [String] = []
        if !fixed.isEmpty {
            remarks.append(
                "\(fixed.count) pixels that no mask has hold a flag or no number in every frame: "
                    + "\(fixed.count { $0.filled > 0 }) filled, \(fixed.count { $0.filled == 0 }) masked")
        }
        if voxels > 0 {
            remarks.append(
                "\(voxels) voxels hold a flag or no number where other frames hold counts (saturated?): "
                    + "\(filled) filled, \(voxels - filled) masked")
        }
        return remarks
    }

    /// What a person should know of the voxels.
    func remarks(columns: Int) -> [String] {
        var remarks: [String] = []
        if saturated > 0, let saturation {
            let fate =
                switch saturation.use {
                case .keep: "kept as recorded"
                case .mark: "kept as recorded and marked as unusable"
                case .replace: "\(replaced) replaced by estimates, \(saturated - replaced) masked"
                }
            let limit = String(format: "%.15g", Double(saturation.limit))
            remarks.append("\(saturated) voxels are saturated (at least \(limit)): \(fate)")
        }
        remarks += remarksOnFlags + [unstatedFlags?.remark].compactMap(\.self)
        if !emptyFrames.isEmpty {
            remarks.append("nothing was recorded in \(Self.words(emptyFrames)) amid others with counts: masked")
        }
        if !repeatedFrames.isEmpty {
            remarks.append("\(Self.words(repeatedFrames)): the same image as the frame before, voxel by voxel")
        }
        if let first = isolatedVoxels.first {
            remarks.append(
                "\(isolatedVoxels.count) voxels stand out from all around them (aliens?), the first in frame "
                    + "\(first.frame) at row \(first.pixel / columns), column \(first.pixel % columns): kept as recorded"
            )
        }
        return remarks
    }

    /// e.g. “frames 7, 8, 9 and 12 more”.
    private static func words(_ frames: [Int]) -> String {
        let shown = frames.prefix(3).map(String.init).joined(separator: ", ")
        return (frames.count == 1 ? "frame " : "frames ") + shown
            + (frames.count > 3 ? " and \(frames.count - 3) more" : "")
    }
}

/// Counts the voxels at the top of a counter where a detector's description says nothing of flags: in a staff's own one, it
/// may have been forgotten.
struct UnstatedFlags {
    private let detector: String
    private let values: [Float]
    private var found: Set<Float> = []
    private var count = 0

    /// `nil` where there is nothing to look for.
    init?(of gaps: ScanGaps) {
        guard let detector = gaps.detector, !gaps.unstatedFlags.isEmpty, gaps.photonScale.photon == 1 else {
            return nil
        }
        self.detector = detector.name
        values = gaps.unstatedFlags.map { Float($0) }
    }

    /// - Parameter limit: what is saturated is told as such.
    mutating func add(_ voxels: ArraySlice<Float>, unusable: [Bool], below limit: Float?) {
        guard let least = values.min(), let largest = voxels.max(), largest >= least else { return }
        for (pixel, value) in voxels.enumerated()
        where value >= least && values.contains(value) && !unusable[pixel] && value < limit ?? .infinity {
            found.insert(value)
            count += 1
        }
    }

    var remark: String? {
        guard count > 0 else { return nil }
        let words = found.sorted(by: >).map { String(format: "%.0f", Double($0)) }.joined(separator: " or ")
        return
            "\(count) voxels hold \(words), the top of a counter, and the description of \(detector) says nothing of "
            + "flags: kept as measured; flag_values: [max] masks them, [] says that they are counts"
    }
}

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

/// What is said of each gap of a scan, and which pixels phase retrieval is to leave free for it.
struct GapJudgement {
    let gaps: [GapReport]
    /// The pixels of gaps whose fill is not to be taken as measured.
    let free: PixelMask

    /// - Parameters:
    ///   - tally: what the fill states of itself.
    ///   - choice: knows what became of hidden gaps.
    init(_ tally: GapTally, choice: FillerChoice, shape: FrameShape) {
        var gaps: [GapReport] = []
        // What is masked in some frames only has no form that hidden gaps could have.
        var free: Set<Int> = [tally.regions.regions.count]
        for (number, quality) in tally.qualities.enumerated() where quality.voxels > 0 {
            let region = tally.regions.regions.indices.contains(number) ? tally.regions.regions[number] : nil
            let hidden = region.map { choice.hiddenGaps(width: $0.width) } ?? HiddenGapFigures()
            let (verdict, reason) = VerdictRule.verdict(quality, hidden: hidden)
            var gap = GapReport(
                name: region?.name ?? "in some frames only", width: region?.width ?? 0,
                filledVoxels: quality.voxels, samples: hidden.samples, verdict: verdict, reason: reason)
            (gap.expectedPCC, gap.attainablePCC) = (quality.expectedPCC, quality.attainablePCC)
            gap.intensityBias = hidden.intensityRatio.map { $0 - 1 }
            gaps.append(gap)
            if verdict != .trust { free.insert(number) }
        }
        self.gaps = gaps
        self.free = tally.pixels(of: free, shape: shape)
    }
}
