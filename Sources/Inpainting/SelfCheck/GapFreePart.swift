internal import Foundation
public import Volume

/// A part of a scan in which all but some dead pixels were measured, from which a network can learn what this scan looks
/// like.
public struct GapFreePart: Sendable {
    /// Its place in the scan.
    public let box: VoxelBox
    /// (frame, row, column).
    public let counts: Volume<Float>
    /// Pixels that were not measured in every frame.
    let mask: PixelMask
    /// The Friedel mates; `nil` where they tell nothing.
    let mirror: BraggMirror?

    /// A part has at most one dead pixel among so many.
    private static let pixelsPerDead = 100

    /// Whether nothing is missing but some dead pixels.
    static func isGapFree(_ mask: PixelMask) -> Bool { pixelsPerDead * mask.maskedCount <= mask.storage.count }

    /// - Parameters:
    ///   - mask: pixels that were not measured in every frame; none by default.
    ///   - hidden: parts of the scan that must not be seen, not even from the other side.
    /// - Precondition: the box has the shape of the counts.
    public init(
        box: VoxelBox, counts: Volume<Float>, mask: PixelMask? = nil, mirror: BraggMirror? = nil,
        hidden: [VoxelBox] = []
    ) {
        precondition(counts.shape == box.shape, "\(counts.shape) for a box of \(box.shape)")
        self.box = box
        self.counts = counts
        self.mask = mask ?? PixelMask(shape: counts.shape.frame)
        self.mirror = mirror?.hiding(hidden)
    }

    /// What the mirror shows of the part, of which some voxels are hidden; these placed from its first voxel.
    func images(hiding gap: VoxelBox) -> Volume<Float>? {
        let all = counts.shape.box
        return mirror?.hiding([gap.moved(by: box)]).seen(
            fromFrame: box.frames.lowerBound, row: box.rows.lowerBound, column: box.columns.lowerBound
        ).images(frames: all.frames, rows: all.rows, columns: all.columns)
    }
}

/// Cuts boxes out of a scan while it passes by.
struct BoxCollector: Sendable {
    let boxes: [VoxelBox]
    private var crops: [(data: Volume<Float>, plans: [GapPlan?])]
    private let maximumWidth: Int

    /// - Parameter maximumWidth: the widest gap that is filled, in pixels.
    init(_ boxes: [VoxelBox], maximumWidth: Int) {
        self.boxes = boxes
        self.maximumWidth = maximumWidth
        crops = boxes.map { box in
            (Volume(shape: box.shape, repeating: 0), [GapPlan?](repeating: nil, count: box.frames.count))
        }
    }

    /// Whether these frames of the scan are to be added.
    func wants(_ frames: Range<Int>) -> Bool { boxes.contains { $0.frames.overlaps(frames) } }

    /// Takes what it wants of some frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    mutating func add(_ block: FrameBlock, firstFrame: Int) {
        let known = firstFrame..<firstFrame + block.data.shape.frames
        for (index, box) in boxes.enumerated() {
            for frame in box.frames.clamped(to: known) {
                copy(block, frame: frame - firstFrame, to: frame - box.frames.lowerBound, of: index)
            }
        }
    }

    private mutating func copy(_ block: FrameBlock, frame: Int, to position: Int, of index: Int) {
        let box = boxes[index]
        for row in box.rows {
            let source = block.data.rowBase(frame: frame, row: row) + box.columns.lowerBound
            let target = crops[index].data.rowBase(frame: position, row: row - box.rows.lowerBound)
            crops[index].data.storage.replaceSubrange(
                target..<target + box.columns.count,
                with: block.data.storage[source..<source + box.columns.count])
        }
        let mask = block.plans[frame].mask.cropped(rows: box.rows, columns: box.columns)
        // Frames with the same mask share one plan.
        let earlier = position > 0 ? crops[index].plans[position - 1] : nil
        crops[index].plans[position] =
            earlier?.mask == mask ? earlier : GapPlan(mask: mask, maximumWidth: maximumWidth)
    }

    /// The boxes with what was measured in them.
    ///
    /// - Precondition: all frames that it wants were added.
    var blocks: [FrameBlock] {
        crops.map { FrameBlock(data: $0.data, plans: $0.plans.compactMap { $0 }) }
    }
}

/// Draws at random by a number that depends on the thing drawn and a seed only, and not on the order of drawing.
struct SeededDraw {
    var seed: UInt64

    /// Evenly distributed over all numbers; the mixer of Steele, Lea and Flood (2014), once for each value.
    func number(_ values: Int...) -> UInt64 {
        values.reduce(seed) { state, value in
            var mixed = (state ^ UInt64(bitPattern: Int64(value))) &+ 0x9E37_79B9_7F4A_7C15
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// When things are taken in the order of this, each comes next with a chance in proportion to its weight.
    ///
    /// - Parameter weight: above 0.
    func rank(of box: VoxelBox, weight: Double) -> Double {
        let bits = number(box.frames.lowerBound, box.rows.lowerBound, box.columns.lowerBound)
        return -log((Double(bits >> 11) + 0.5) * 0x1p-53) / weight
    }
}
