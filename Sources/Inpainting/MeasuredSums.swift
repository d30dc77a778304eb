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

    /// Reads the sums of all frames before the block is filled.
    public init(of block: FrameBlock) {
        let size = block.data.shape.frame.count
        var groups: [Group] = []
        for (frame, plan) in block.plans.enumerated() {
            for group in plan.sums?.groups ?? [] {
                let sum = block.data.storage[frame * size + group.holder]
                groups.append(Group(members: group.members.map { frame * size + $0 }, sum: sum))
            }
        }
        self.groups = groups
    }

    init(groups: [Group]) { self.groups = groups }

    public var isEmpty: Bool { groups.isEmpty }

    /// Scales the filled voxels of each group so that they hold the counts measured, to the precision of their type.
    public func conserve(_ counts: inout [Float]) {
        for group in groups {
            let total = group.members.reduce(0.0) { $0 + Double(counts[$1]) }
            let share = Double(group.sum) / Double(group.members.count)
            for voxel in group.members {
                counts[voxel] = Float(total > 0 ? Double(counts[voxel]) * Double(group.sum) / total : share)
            }
        }
    }

    /// The groups that lie within a tile of a block, as positions in the tile.
    func within(_ tile: KrigingTile, of shape: VolumeShape) -> MeasuredSums {
        if groups.isEmpty { return self }
        let first = tile.frames.lowerBound * shape.frame.count
        let end = tile.frames.upperBound * shape.frame.count
        return MeasuredSums(
            groups: groups.lazy.filter { group in group.members[0] >= first && group.members[0] < end }
                .compactMap { group in
                    let members = group.members.compactMap { tile.position(of: $0, in: shape) }
                    return members.count == group.members.count ? Group(members: members, sum: group.sum) : nil
                })
    }
}
