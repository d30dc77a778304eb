public import Detectors
public import Inpainting
public import Volume

/// Where a window hides voxels: a band of rows or columns in its middle, or a cross of both, over all its frames.
public struct WindowLayout: Sendable {
    /// Number of hidden lines.
    public let width: Int
    /// Whether whole rows or whole columns are hidden.
    public let axis: LineAxis
    /// Whether a second band of the same width crosses the first.
    public let isCross: Bool
    /// What is hidden of the window; `nil` where no gap runs along that axis.
    let rows: Range<Int>?
    let columns: Range<Int>?
    /// Extents of the window, (frame, slow = row, fast = column).
    public let shape: VolumeShape
    /// What a filler is told about each frame.
    public let plan: GapPlan
    /// Positions of the hidden pixels in a frame, row-major.
    public let hidden: [Int]

    /// Up to this width, gaps are hidden in cubes of ``cube`` voxels along each axis, as in the paper.
    public static let widestInCube = 12
    static let cube = 32
    /// Measured pixels on both sides of wider gaps.
    static let context = 24
    /// Extent of the windows of wider gaps along the gap, and number of their frames.
    static let wideLength = 48

    /// - Parameter width: at least 1 pixel.
    public init(width: Int, axis: LineAxis, isCross: Bool) {
        precondition(width > 0, "a gap of \(width) pixels")
        self.init(
            width: width, axis: axis, isCross: isCross,
            shape: Self.shape(width: width, axis: axis, isCross: isCross))
    }

    /// The window that a gap asks for.
    private static func shape(width: Int, axis: LineAxis, isCross: Bool) -> VolumeShape {
        let isWide = width > widestInCube
        let across = isWide ? width + 2 * context : cube
        let along = isCross || !isWide ? across : wideLength
        return VolumeShape(
            frames: isWide ? wideLength : cube, rows: axis == .row ? across : along,
            columns: axis == .column ? across : along)
    }

    /// A band in a window of any shape.
    ///
    /// - Parameter hasSeams: whether a gap as wide as one is the seam of a MAXIPIX.
    init(width: Int, axis: LineAxis, isCross: Bool, shape: VolumeShape, hasSeams: Bool = false) {
        rows = axis == .row || isCross ? Self.middle(of: shape.rows, width: width) : nil
        columns = axis == .column || isCross ? Self.middle(of: shape.columns, width: width) : nil
        var mask = PixelMask(shape: shape.frame)
        if let rows { mask.mask(rows: rows) }
        if let columns { mask.mask(columns: columns) }
        self.width = width
        self.axis = axis
        self.isCross = isCross
        self.shape = shape
        let sums =
            hasSeams && width == MaxipixSeams.width
            ? MaxipixSeams.sums(rows: rows, columns: columns, frame: shape.frame) : nil
        plan = GapPlan(mask: mask, maximumWidth: width, sums: sums)
        hidden = mask.storage.indices.filter { mask.storage[$0] }
    }

    /// The four layouts of a width, from which windows draw theirs.
    ///
    /// - Parameters:
    ///   - shape: of the windows; `nil` for what the width asks for.
    ///   - hasSeams: whether a gap as wide as one is the seam of a MAXIPIX.
    static func all(width: Int, shape: VolumeShape? = nil, hasSeams: Bool = false) -> [WindowLayout] {
        [false, true].flatMap { isCross in
            LineAxis.allCases.map { axis in
                WindowLayout(
                    width: width, axis: axis, isCross: isCross,
                    shape: shape ?? self.shape(width: width, axis: axis, isCross: isCross), hasSeams: hasSeams)
            }
        }
    }

    private static func middle(of extent: Int, width: Int) -> Range<Int> {
        let start = extent / 2 - width / 2
        return start..<start + width
    }
}
