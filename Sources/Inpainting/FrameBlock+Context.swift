internal import Volume

extension FrameBlock {
    /// These frames with the last frames of the block before and the first ones of the block after around them.
    ///
    /// - Parameter count: how many frames on each side; fewer where a neighbour is shorter or missing.
    /// - Precondition: neither block has context yet, all have frames of one shape.
    public func withContext(_ count: Int, before: FrameBlock?, after: FrameBlock?) -> FrameBlock {
        let earlier = before?.frames.suffix(count) ?? 0..<0
        let later = after?.frames.prefix(count) ?? 0..<0
        if earlier.isEmpty && later.isEmpty { return self }
        var joined: (voxels: [Float], plans: [GapPlan]) = ([], [])
        joined.voxels.reserveCapacity((earlier.count + frames.count + later.count) * data.shape.frame.count)
        for (block, frames) in [(before, earlier), (self, frames), (after, later)] {
            guard let block else { continue }
            joined.voxels += block.data.storage[block.data.range(ofFrames: frames)]
            joined.plans += block.plans[frames]
        }
        return FrameBlock(
            data: Volume(
                shape: VolumeShape(frames: joined.plans.count, frame: data.shape.frame), storage: joined.voxels),
            plans: joined.plans, frames: earlier.count..<earlier.count + frames.count)
    }

    /// The last frames.
    public func suffix(_ count: Int) -> FrameBlock {
        part(plans.indices.suffix(count))
    }

    /// Only the frames that are to be filled.
    public var withoutContext: FrameBlock {
        if frames.count == data.shape.frames { return self }
        var block = part(frames)
        block.errors = errors
        return block
    }

    /// Some of the frames, without errors and mirror.
    private func part(_ frames: Range<Int>) -> FrameBlock {
        FrameBlock(
            data: Volume(
                shape: VolumeShape(frames: frames.count, frame: data.shape.frame),
                storage: Array(data.storage[data.range(ofFrames: frames)])),
            plans: Array(plans[frames]))
    }
}
