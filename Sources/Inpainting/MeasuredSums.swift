internal import Foundation
internal import Volume

/// The counts that groups of masked voxels hold together, (frame, group), as a block's recorded frames tell them.
public struct MeasuredSums: Sendable {
    /// One group of voxels in one frame.
    struct Group: Sendable {
        /// Positions in the block.
        var members: [Int]
        /// The counts of all members together.
        var sum: Float
    }

    let groups: [Group]

    /// Reads the sums before the block is filled.
    ///
    /// - Parameter frames: those that are to be filled by default.
    public init(of block: FrameBlock, frames: Range<Int>? = nil) {
        let size = block.data.shape.frame.count
        var groups: [Group] = []
        for frame in frames ?? block.frames {
            for group in block.plans[frame].sums?.groups ?? [] {
                let sum = block.data.storage[frame * size + group.holder]
                groups.append(Group(members: group.members.map { frame * size + $0 }, sum: sum))
            }
        }
        self.groups = groups
    }

    init(groups: [Group]) { self.groups = groups }

    public var isEmpty: Bool { groups.isEmpty }

    /// Scales the filled voxels of each group so that they hold the counts measured, to the precision of their type.
    public func conserve(_ block: inout FrameBlock) {
        conserve(&block.data.storage)
    }

    /// The same on bare counts.
    func conserve(_ counts: inout [Float]) {
        for group in groups {
            let total = group.members.reduce(0.0) { $0 + Double(counts[$1]) }
            let share = Double(group.sum) / Double(group.members.count)
            for voxel in group.members {
                counts[voxel] = Float(total > 0 ? Double(counts[voxel]) * Double(group.sum) / total : share)
            }
        }
    }
}
