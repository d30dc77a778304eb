internal import Volume

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
