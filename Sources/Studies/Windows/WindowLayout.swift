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
        let isWide = width > Self.widestInCube
        let across = isWide ? width + 2 * Self.context : Self.cube
        let along = isCross || !isWide ? across : Self.wideLength
        self.init(
            width: width, axis: axis, isCross: isCross,
            shape: VolumeShape(
                frames: isWide ? Self.wideLength : Self.cube, rows: axis == .row ? across : along,
                columns: axis == .column ? across : along))
    }

    /// A band in a window of any shape.
    init(width: Int, axis: LineAxis, isCross: Bool, shape: VolumeShape) {
        var mask = PixelMask(shape: shape.frame)
        if axis == .row || isCross { mask.mask(rows: Self.middle(of: shape.rows, width: width)) }
        if axis == .column || isCross { mask.mask(columns: Self.middle(of: shape.columns, width: width)) }
        self.width = width
        self.axis = axis
        self.isCross = isCross
        self.shape = shape
        plan = GapPlan(mask: mask, maximumWidth: width)
        hidden = mask.storage.indices.filter { mask.storage[$0] }
    }

    /// The four layouts of a width, from which windows draw theirs.
    ///
    /// - Parameter shape: of the windows; `nil` for what the width asks for.
    static func all(width: Int, shape: VolumeShape? = nil) -> [WindowLayout] {
        [false, true].flatMap { isCross in
            LineAxis.allCases.map { axis in
                shape.map { WindowLayout(width: width, axis: axis, isCross: isCross, shape: $0) }
                    ?? WindowLayout(width: width, axis: axis, isCross: isCross)
            }
        }
    }

    private static func middle(of extent: Int, width: Int) -> Range<Int> {
        let start = extent / 2 - width / 2
        return start..<start + width
    }
}
