public import Detectors
internal import Foundation
public import Volume

/// The pixels of a frame that a detector measured only together: one pixel of each group holds the counts of all.
public struct SummedPixels: Hashable, Sendable {
    /// Neighbouring pixels of one frame, as positions in row-major order.
    public struct Group: Hashable, Sendable {
        /// The pixel whose recorded count is the sum of the others' and its own.
        public var holder: Int
        /// The pixels that share the counts, the holder among them.
        public var members: [Int]

        public init(holder: Int, members: [Int]) {
            self.holder = holder
            self.members = members
        }
    }

    public let groups: [Group]

    public init(groups: [Group]) { self.groups = groups }

    /// The enlarged pixels along seams; where two seams cross, one pixel holds the sum over a square.
    ///
    /// - Parameters:
    ///   - frame: the shape of the frames in which the lines lie.
    ///   - unusable: pixels whose counts mean nothing; what they are a part of is left out.
    public init(_ edges: EdgePixels, frame: FrameShape, unusable: PixelMask) {
        let rows = Self.cells(edges.lines.filter { $0.axis == .row }, extent: frame.rows)
        let columns = Self.cells(edges.lines.filter { $0.axis == .column }, extent: frame.columns)
        var groups: [Group] = []
        for row in rows {
            for column in columns where row.covers.count > 1 || column.covers.count > 1 {
                let members = row.covers.flatMap { row in column.covers.map { row * frame.columns + $0 } }
                if members.contains(where: { unusable.storage[$0] }) { continue }
                groups.append(Group(holder: row.index * frame.columns + column.index, members: members))
            }
        }
        self.groups = groups
    }

    /// The groups all of whose pixels are in a mask.
    func within(_ mask: PixelMask) -> SummedPixels {
        SummedPixels(groups: groups.filter { $0.members.allSatisfy { mask.storage[$0] } })
    }

    /// The groups whose counts are known in a frame.
    ///
    /// - Parameter missing: the pixels of that frame that hold no count, in row-major order.
    public func known(missing: [Bool]) -> SummedPixels {
        SummedPixels(groups: groups.filter { !missing[$0.holder] })
    }

    /// An axis cut into the lines that are measured together and those that are measured alone.
    private static func cells(_ lines: [EdgePixels.Line], extent: Int) -> [(index: Int, covers: Range<Int>)] {
        var cells: [(index: Int, covers: Range<Int>)] = []
        var position = 0
        for line in lines.sorted(by: { $0.covers.lowerBound < $1.covers.lowerBound }) {
            cells += (position..<max(position, line.covers.lowerBound)).map { ($0, $0..<$0 + 1) }
            cells.append((line.index, line.covers))
            position = line.covers.upperBound
        }
        return cells + (position..<max(position, extent)).map { ($0, $0..<$0 + 1) }
    }
}

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

    /// The groups that lie within a box of a block, as positions in the box.
    func within(_ box: VoxelBox, of shape: VolumeShape) -> MeasuredSums {
        if groups.isEmpty { return self }
        let first = box.frames.lowerBound * shape.frame.count
        let end = box.frames.upperBound * shape.frame.count
        return MeasuredSums(
            groups: groups.lazy.filter { group in group.members[0] >= first && group.members[0] < end }
                .compactMap { group in
                    let members = group.members.compactMap { box.position(of: $0, in: shape) }
                    return members.count == group.members.count ? Group(members: members, sum: group.sum) : nil
                })
    }
}

/// Tells from the counts of some frames whether the lines along a detector's seams hold sums over several pixels.
///
/// They do when they count about as many times what their neighbours outside of the seam count as the description says,
/// and the rest of the seam counts next to nothing. Where a detector's fill mode has spread the sums, or blanked them, it
/// is not so.
public struct EdgePixelCheck: Sendable {
    /// Counts of the neighbours from which the ratio says something.
    static let fewestCounts = 1000.0
    /// The largest share of the counts on the lines that the rest of the seam may hold.
    static let largestRemainder = 0.05

    private let factor: Int
    /// Pixels of the frame: a sum, the pixel beside it outside of the seam, and the others that the sum covers.
    private let samples: [(holder: Int, neighbour: Int, others: [Int])]
    private var counts = (holders: 0.0, neighbours: 0.0, others: 0.0)

    /// - Parameter mask: what is masked in every frame.
    public init(_ edges: EdgePixels, mask: PixelMask) {
        factor = edges.factor
        let shape = mask.shape
        samples = edges.lines.flatMap { line -> [(holder: Int, neighbour: Int, others: [Int])] in
            let outside = line.covers.lowerBound == line.index ? line.index - 1 : line.index + 1
            let (across, along) = line.axis == .row ? (shape.rows, shape.columns) : (shape.columns, shape.rows)
            guard (0..<across).contains(outside) else { return [] }
            func pixel(_ position: Int, _ lane: Int) -> Int {
                line.axis == .row ? position * shape.columns + lane : lane * shape.columns + position
            }
            // Where the neighbour is masked too, another seam crosses.
            return (0..<along).filter { !mask.storage[pixel(outside, $0)] }.map { lane in
                (
                    pixel(line.index, lane), pixel(outside, lane),
                    line.covers.filter { $0 != line.index }.map { pixel($0, lane) }
                )
            }
        }
    }

    /// Adds a frame as recorded, in row-major order; what is no count is 0.
    public mutating func add(_ frame: ArraySlice<Float>) {
        for sample in samples {
            counts.holders += Double(frame[frame.startIndex + sample.holder])
            counts.neighbours += Double(frame[frame.startIndex + sample.neighbour])
            for other in sample.others { counts.others += Double(frame[frame.startIndex + other]) }
        }
    }

    /// What the lines count in units of their neighbours; `nil` where there are too few counts.
    public var ratio: Double? {
        counts.neighbours >= Self.fewestCounts ? counts.holders / counts.neighbours : nil
    }

    /// Whether the lines hold sums.
    public var holdsSums: Bool {
        guard let ratio else { return false }
        // A peak on the seam lets the ratio go off the factor, but not as far as pixels of single width are.
        return abs(log(ratio / Double(factor))) < log(Double(factor)) / 2
            && counts.others <= Self.largestRemainder * counts.holders
    }
}
