internal import Diffraction
internal import Foundation
internal import Inpainting
internal import Volume

/// Two gaps, one along the rows and one along the columns, hidden in a scan where everything was counted.
struct HiddenCross {
    let width: Int
    /// The first hidden row and column.
    let row: Int
    let column: Int
    /// What is hidden, and what could not be used before.
    let mask: PixelMask
    /// What a filler gets.
    let block: FrameBlock
    /// Parts of the gaps with counts in a quarter of their voxels at least.
    let windows: [VoxelBox]
    private let counts: Volume<Float>
    /// Photons expected; `nil` for a measurement.
    private let noiseFree: Volume<Float>?
    /// Where nothing was counted that could be compared.
    private let unusable: PixelMask

    /// Frames of a window, and its pixels along the gap.
    private static let length = 32
    /// Measured pixels between a gap and the edge of the frame.
    private static let margin = 24

    /// `nil` where the gaps do not fit into the frame, or hide too little.
    ///
    /// - Parameter takesDim: whether gaps will do that are nowhere filled with counts.
    init?(width: Int, row: Int, column: Int, in volume: StudyVolume, takesDim: Bool = false) {
        let shape = volume.counts.shape
        let rows = row..<row + width, columns = column..<column + width
        guard row >= Self.margin, column >= Self.margin, rows.upperBound + Self.margin <= shape.rows,
            columns.upperBound + Self.margin <= shape.columns
        else { return nil }
        var mask = volume.unusable
        mask.mask(rows: rows)
        mask.mask(columns: columns)
        (counts, noiseFree, unusable) = (volume.counts, volume.noiseFree, volume.unusable)
        windows = Self.windows(rows: rows, columns: columns, in: volume)
        guard takesDim || !windows.isEmpty else { return nil }
        var data = counts
        let pixels = mask.storage.indices.filter { mask.storage[$0] }
        for frame in 0..<shape.frames {
            for pixel in pixels { data.storage[frame * shape.frame.count + pixel] = 0 }
        }
        let plan = GapPlan(mask: mask, maximumWidth: width)
        block = FrameBlock(data: data, plans: [GapPlan](repeating: plan, count: shape.frames))
        (self.width, self.row, self.column, self.mask) = (width, row, column, mask)
    }

    /// Pixels between the Bragg peak and the middle of the gaps.
    private static let distance = 6.0...32.0
    private static let attempts = 20

    /// A cross at a random place beside the Bragg peak; `nil` where none was found that hides counts.
    init?(
        width: Int, besidePeakOf volume: StudyVolume, takesDim: Bool = false, using generator: inout SeededGenerator
    ) {
        func start(_ peak: Int) -> Int {
            let side = generator.uniform() < 0.5 ? -1.0 : 1.0
            return peak + Int(side * generator.uniform(in: Self.distance)) - width / 2
        }
        for _ in 0..<Self.attempts {
            let (row, column) = (start(volume.brightest.row), start(volume.brightest.column))
            if let cross = HiddenCross(
                width: width, row: row, column: column, in: volume, takesDim: takesDim)
            {
                self = cross
                return
            }
        }
        return nil
    }

    private static func windows(rows: Range<Int>, columns: Range<Int>, in volume: StudyVolume) -> [VoxelBox] {
        let shape = volume.counts.shape
        func parts(_ extent: Int) -> [Range<Int>] {
            stride(from: 0, through: extent - length, by: length).map { $0..<$0 + length }
        }
        let places = parts(shape.frames).flatMap { frames in
            parts(shape.columns).map { VoxelBox(frames: frames, rows: rows, columns: $0) }
                + parts(shape.rows).map { VoxelBox(frames: frames, rows: $0, columns: columns) }
        }
        return places.filter { place in
            let isUsable = place.rows.allSatisfy { row in
                place.columns.allSatisfy { !volume.unusable[row, $0] }
            }
            return isUsable && 4 * volume.counts.part(place).storage.count { $0 >= 1 } >= place.shape.count
        }
    }

    /// Mean correlation over the windows of log(1+I), filled against counted.
    func pcc(of block: FrameBlock, filledBy filler: some GapFiller) -> Double {
        var filled = block
        filler.fill(&filled)
        return pcc(of: filled)
    }

    /// Mean correlation over the windows of log(1+I) of a filled block against what was counted.
    func pcc(of filled: FrameBlock) -> Double {
        let correlations = windows.compactMap { window in
            var correlation = Correlation()
            for (truth, fill) in zip(counts.part(window).storage, filled.data.part(window).storage) {
                correlation.add(log1p(Double(truth)), log1p(Double(fill)))
            }
            return correlation.pearson
        }
        return correlations.isEmpty ? 0 : correlations.reduce(0, +) / Double(correlations.count)
    }

    /// How well some of the hidden pixels were filled, in all frames.
    struct Truth: Equatable {
        /// PCC of log(1+I) against what was counted, and that of the expectations themselves; `nil` where nothing varies.
        var pcc: Double?
        var limit: Double?
        /// Counts that were hidden, and their estimate.
        var counts = 0.0
        var estimate = 0.0
        var coverage = VoxelCoverage()
    }

    /// - Parameter pixels: among those of ``mask``.
    func truth(of filled: FrameBlock, pixels: PixelMask) -> Truth {
        let hidden = pixels.storage.indices.filter { pixels.storage[$0] && !unusable.storage[$0] }
        var (fill, best, truth) = (Correlation(), Correlation(), Truth())
        var (sum, squares, noise) = (0.0, 0.0, 0.0)
        for frame in 0..<counts.shape.frames {
            for pixel in hidden {
                let voxel = frame * counts.shape.frame.count + pixel
                let (count, estimate) = (log1p(Double(counts.storage[voxel])), filled.data.storage[voxel])
                fill.add(count, log1p(Double(estimate)))
                truth.counts += Double(counts.storage[voxel])
                truth.estimate += Double(estimate)
                truth.coverage.add(
                    count: counts.storage[voxel], estimate: estimate, error: filled.errors?.storage[voxel])
                if let noiseFree { best.add(count, log1p(Double(noiseFree.storage[voxel]))) }
                sum += count
                squares += count * count
                noise += Double(PhotonNoise.moments(expectation: estimate).variance)
            }
        }
        let number = Double(hidden.count * counts.shape.frames)
        truth.pcc = fill.pearson
        truth.limit =
            noiseFree == nil
            ? max(0, 1 - noise / max(1e-9, squares - sum * sum / number)).squareRoot() : best.pearson
        return truth
    }
}

extension FrameBlock {
    /// A window as a filler gets it: the hidden voxels hold nothing, but for those with a sum.
    init(hiding layout: WindowLayout, in counts: Volume<Float>) {
        var data = counts
        let frame = layout.shape.frame.count
        for start in stride(from: 0, to: data.shape.count, by: frame) {
            for pixel in layout.hidden { data.storage[start + pixel] = 0 }
            for group in layout.plan.sums?.groups ?? [] {
                data.storage[start + group.holder] = group.members.reduce(0) { $0 + counts.storage[start + $1] }
            }
        }
        self.init(data: data, plans: [GapPlan](repeating: layout.plan, count: layout.shape.frames))
    }

    /// Mean log(1+I) of the voxels that are not masked.
    var meanLogOfVisible: Double {
        var sum = 0.0
        var visible = 0
        let frame = data.shape.frame.count
        for (index, plan) in plans.enumerated() {
            for pixel in 0..<frame where !plan.mask.storage[pixel] {
                sum += Double(log1p(data.storage[index * frame + pixel]))
                visible += 1
            }
        }
        return visible > 0 ? sum / Double(visible) : 0
    }
}
