internal import Inpainting
internal import ScanFiles
internal import Volume

/// Makes the plan of each frame; frames with the same mask share one.
struct FramePlans {
    private let mask: PixelMask
    private let frameMask: (recorded: RecordedMask, reader: MaskReader)?
    private let maximumWidth: Int
    private let sums: SummedPixels?
    /// How many recorded frames are added to one.
    private let exposures: Int
    /// The plan of the frames in which nothing is missing beyond the mask.
    let common: GapPlan
    /// The plan of the last frame that differed, and the sums that it was given.
    private var latest: (plan: GapPlan, sums: SummedPixels?)?

    /// - Parameters:
    ///   - sums: masked pixels that were measured together.
    ///   - exposures: how many recorded frames are added to one, which misses what one of them misses.
    init(
        _ gaps: ScanGaps, maximumWidth: Int, sums: SummedPixels? = nil, exposures: Int = 1
    ) throws(ScanFileError) {
        mask = gaps.mask
        self.exposures = exposures
        self.sums = sums
        self.maximumWidth = maximumWidth
        if let recorded = gaps.frameMask {
            frameMask = (recorded, try MaskReader(recorded))
        } else {
            frameMask = nil
        }
        common = GapPlan(mask: gaps.mask, maximumWidth: maximumWidth, sums: sums)
    }

    /// One plan for each of the decoded frames.
    mutating func plans(for decoded: DecodedFrames<Float>) throws(ScanFileError) -> [GapPlan] {
        guard decoded.invalidCount > 0 || frameMask != nil else {
            return [GapPlan](repeating: common, count: decoded.frames.count)
        }
        var plans: [GapPlan] = []
        for (index, frame) in decoded.frames.enumerated() {
            var missing = try frameMask.map { recorded, reader throws(ScanFileError) in
                let masks = recorded.masked(
                    try reader.bits(frames: frame * exposures..<(frame + 1) * exposures))
                guard exposures > 1 else { return masks }
                return mask.storage.indices.map { pixel in
                    (0..<exposures).contains { masks[$0 * mask.shape.count + pixel] }
                }
            }
            let pixels = index * mask.shape.count..<(index + 1) * mask.shape.count
            missing = decoded.invalid[pixels].unite(with: missing)
            plans.append(plan(missing: missing ?? []))
        }
        return plans
    }

    private mutating func plan(missing: [Bool]) -> GapPlan {
        var own = mask
        for (pixel, isMissing) in missing.enumerated() where isMissing { own.storage[pixel] = true }
        let sums = missing.isEmpty ? sums : sums?.known(missing: missing)
        if own == mask, sums == self.sums { return common }
        if let latest, latest.plan.mask == own, latest.sums == sums { return latest.plan }
        let plan = GapPlan(mask: own, maximumWidth: maximumWidth, sums: sums)
        latest = (plan, sums)
        return plan
    }
}

extension ArraySlice<Bool> {
    /// True where this or the other is; `nil` where neither ever is.
    fileprivate func unite(with other: [Bool]?) -> [Bool]? {
        guard let other else { return contains(true) ? Array(self) : nil }
        return zip(self, other).map { $0 || $1 }
    }
}
