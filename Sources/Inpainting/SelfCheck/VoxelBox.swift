internal import Foundation
public import Volume

/// A box of voxels of a scan, (frame, slow = row, fast = column), half-open.
public struct VoxelBox: Hashable, Sendable {
    public var frames: Range<Int>
    public var rows: Range<Int>
    public var columns: Range<Int>

    public init(frames: Range<Int>, rows: Range<Int>, columns: Range<Int>) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    public var shape: VolumeShape { VolumeShape(frames: frames.count, rows: rows.count, columns: columns.count) }

    public func contains(frame: Int, row: Int, column: Int) -> Bool {
        frames.contains(frame) && rows.contains(row) && columns.contains(column)
    }

    /// The same box, placed from the first voxel of another one instead of from there.
    func moved(by other: VoxelBox) -> VoxelBox { shifted(1, other) }

    /// The same box, counted from the first voxel of another one.
    func counted(from other: VoxelBox) -> VoxelBox { shifted(-1, other) }

    private func shifted(_ sign: Int, _ other: VoxelBox) -> VoxelBox {
        func shifted(_ range: Range<Int>, _ other: Range<Int>) -> Range<Int> {
            range.lowerBound + sign * other.lowerBound..<range.upperBound + sign * other.lowerBound
        }
        return VoxelBox(
            frames: shifted(frames, other.frames), rows: shifted(rows, other.rows),
            columns: shifted(columns, other.columns))
    }

    /// Whether some voxel lies in both boxes.
    public func overlaps(_ other: VoxelBox) -> Bool {
        frames.overlaps(other.frames) && rows.overlaps(other.rows) && columns.overlaps(other.columns)
    }
}

extension Volume<Float> {
    /// The voxels of a box.
    public func part(_ box: VoxelBox) -> Volume<Float> {
        var voxels: [Float] = []
        voxels.reserveCapacity(box.shape.count)
        for frame in box.frames {
            for row in box.rows {
                let base = rowBase(frame: frame, row: row)
                voxels += storage[base + box.columns.lowerBound..<base + box.columns.upperBound]
            }
        }
        return Volume(shape: box.shape, storage: voxels)
    }
}

extension VolumeShape {
    /// All of its voxels.
    var box: VoxelBox { VoxelBox(frames: 0..<frames, rows: 0..<rows, columns: 0..<columns) }
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

extension PixelMask {
    /// The part of a mask within some rows and columns.
    func cropped(rows: Range<Int>, columns: Range<Int>) -> PixelMask {
        PixelMask(
            shape: FrameShape(rows: rows.count, columns: columns.count),
            storage: rows.flatMap { row in
                storage[row * shape.columns + columns.lowerBound..<row * shape.columns + columns.upperBound]
            })
    }
}

/// A part of a scan in which everything was measured, from which a network can learn what this scan looks like.
public struct GapFreePart: Sendable {
    /// Its place in the scan.
    public let box: VoxelBox
    /// (frame, row, column).
    public let counts: Volume<Float>
    /// The Friedel mates; `nil` where they tell nothing.
    let mirror: BraggMirror?

    /// - Parameters:
    ///   - hidden: parts of the scan that must not be seen, not even from the other side.
    /// - Precondition: the box has the shape of the counts.
    public init(box: VoxelBox, counts: Volume<Float>, mirror: BraggMirror? = nil, hidden: [VoxelBox] = []) {
        precondition(counts.shape == box.shape, "\(counts.shape) for a box of \(box.shape)")
        self.box = box
        self.counts = counts
        self.mirror = mirror?.hiding(hidden)
    }

    /// What the mirror shows of a smaller part, of which some voxels are hidden; both placed from the first voxel of this one.
    func images(of part: VoxelBox, hiding gap: VoxelBox) -> Volume<Float>? {
        mirror?.hiding([gap.moved(by: box)]).seen(
            fromFrame: box.frames.lowerBound, row: box.rows.lowerBound, column: box.columns.lowerBound
        ).images(frames: part.frames, rows: part.rows, columns: part.columns)
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
