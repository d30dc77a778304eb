public import Detectors
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
