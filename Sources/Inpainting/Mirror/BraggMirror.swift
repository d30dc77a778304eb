internal import Volume

/// What was measured at the Friedel mates, as seen from a part of the scan.
///
/// A voxel's mirror image is its opposite in the peak. Where the crystal is little strained both hold the same
/// intensity, so that one tells of the other when that lies in a gap.
public struct BraggMirror: Sendable {
    /// How well the measured voxels and their mirror images agree; see ``BraggSymmetry``.
    public let correlation: Double
    /// The part of the scan around the peak that is known.
    private let box: VoxelBox
    /// Its counts, not a number where none were measured.
    private let counts: Volume<Float>
    private let sum: [Int]
    /// The voxel of the scan that is the first of the part that looks into the mirror.
    private var origin = [0, 0, 0]
    /// Parts of the scan that are taken as not measured.
    private var hidden: [VoxelBox] = []

    /// Below this correlation, the other side tells nothing.
    private static let leastCorrelation = 0.15
    /// Voxels on each side of the peak from which the centre is found.
    private static let reach = 32

    /// Finds the centre of symmetry; `nil` where there is no signal or no symmetry.
    ///
    /// - Parameters:
    ///   - block: what was measured in the box.
    ///   - box: its place in the scan.
    ///   - peak: about where the pattern is brightest, (frame, row, column) in the scan.
    public init?(_ block: FrameBlock, box: VoxelBox, peak: [Int]) {
        precondition(block.data.shape == box.shape, "\(block.data.shape) for a box of \(box.shape)")
        var counts = block.data
        for (frame, plan) in block.plans.enumerated() {
            let base = counts.rowBase(frame: frame, row: 0)
            for pixel in plan.mask.storage.indices where plan.mask.storage[pixel] {
                counts.storage[base + pixel] = .nan
            }
        }
        let near = VoxelBox(
            frames: Self.around(peak[0], within: box.frames), rows: Self.around(peak[1], within: box.rows),
            columns: Self.around(peak[2], within: box.columns))
        let part = counts.part(near.counted(from: box))
        let start = [near.frames.lowerBound, near.rows.lowerBound, near.columns.lowerBound]
        guard
            let symmetry = BraggSymmetry(
                of: Volume(shape: part.shape, storage: part.storage.map { $0.isNaN ? 0 : $0 }),
                isMeasured: part.storage.map { !$0.isNaN }, peak: zip(peak, start).map { $0 - $1 }),
            symmetry.correlation >= Self.leastCorrelation
        else { return nil }
        self.counts = counts
        self.box = box
        sum = zip(symmetry.sum, start).map { $0 + 2 * $1 }
        correlation = symmetry.correlation
    }

    private static func around(_ peak: Int, within range: Range<Int>) -> Range<Int> {
        (peak - reach..<peak + reach).clamped(to: range)
    }

    /// The same mirror for a part of the scan that begins at a voxel.
    public func seen(fromFrame frame: Int, row: Int, column: Int) -> BraggMirror {
        var mirror = self
        mirror.origin = [frame, row, column]
        return mirror
    }

    /// The same as if some more voxels of the scan had not been measured.
    public func hiding(_ boxes: [VoxelBox]) -> BraggMirror {
        var mirror = self
        mirror.hidden += boxes
        return mirror
    }

    /// The mirror images of a box of voxels of the part that looks, not a number where nothing was measured; `nil` where
    /// that is so everywhere.
    func images(frames: Range<Int>, rows: Range<Int>, columns: Range<Int>) -> Volume<Float>? {
        let shape = VolumeShape(frames: frames.count, rows: rows.count, columns: columns.count)
        var images = Volume<Float>(shape: shape, repeating: .nan)
        var isKnown = false
        for (frame, source) in places(frames, axis: 0, within: box.frames) {
            for (row, sourceRow) in places(rows, axis: 1, within: box.rows) {
                let from = counts.rowBase(frame: source, row: sourceRow)
                let to = images.rowBase(frame: frame, row: row)
                for (column, sourceColumn) in places(columns, axis: 2, within: box.columns) {
                    let isHidden = hidden.contains {
                        $0.contains(
                            frame: source + box.frames.lowerBound, row: sourceRow + box.rows.lowerBound,
                            column: sourceColumn + box.columns.lowerBound)
                    }
                    if isHidden { continue }
                    images.storage[to + column] = counts.storage[from + sourceColumn]
                    isKnown = true
                }
            }
        }
        return isKnown ? images : nil
    }

    /// For the indices of a range that have a mirror image in the box: their place in the range and that in the box.
    private func places(_ range: Range<Int>, axis: Int, within known: Range<Int>) -> [(Int, Int)] {
        range.compactMap { index in
            let mirrored = sum[axis] - (origin[axis] + index)
            return known.contains(mirrored) ? (index - range.lowerBound, mirrored - known.lowerBound) : nil
        }
    }
}
