public import Volume

/// Three whole numbers along (frame, slow = row, fast = column), such as the size of a kernel or of a block.
public struct Extent3: Hashable, Sendable {
    public var frames: Int
    public var rows: Int
    public var columns: Int

    public init(_ frames: Int, _ rows: Int, _ columns: Int) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
    }

    public init(_ shape: VolumeShape) { self.init(shape.frames, shape.rows, shape.columns) }

    /// The product of the three, e.g. the number of voxels.
    public var count: Int { frames * rows * columns }

    /// The three in axis order.
    var axes: [Int] { [frames, rows, columns] }

    /// Combines two extents axis by axis.
    static func zip(_ a: Extent3, _ b: Extent3, _ combine: (Int, Int) -> Int) -> Extent3 {
        Extent3(combine(a.frames, b.frames), combine(a.rows, b.rows), combine(a.columns, b.columns))
    }
}

extension Extent3: ExpressibleByIntegerLiteral {
    /// The same along all three axes.
    public init(integerLiteral value: Int) { self.init(value, value, value) }
}

extension Extent3: CustomStringConvertible {
    public var description: String { "\(frames)x\(rows)x\(columns)" }
}
