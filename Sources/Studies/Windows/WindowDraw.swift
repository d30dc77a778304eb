public import Detectors
internal import Diffraction
internal import Foundation
public import Inpainting
public import Volume

/// A place in a volume at which a layout hides voxels.
struct DrawnWindow: Sendable {
    var layout: WindowLayout
    /// The voxel of the volume that is the window's first, (frame, row, column).
    var corner: (frame: Int, row: Int, column: Int)

    /// The window's part of a volume.
    func crop(_ volume: Volume<Float>) -> Volume<Float> {
        let shape = layout.shape
        return volume.part(
            VoxelBox(
                frames: corner.frame..<corner.frame + shape.frames, rows: corner.row..<corner.row + shape.rows,
                columns: corner.column..<corner.column + shape.columns))
    }
}

extension DrawnWindow {
    /// The gaps as they would run through a whole volume.
    func gaps(in volume: VolumeShape) -> [VoxelBox] {
        let frames = 0..<volume.frames
        let bands = [
            layout.rows.map { rows in
                VoxelBox(
                    frames: frames, rows: rows.lowerBound + corner.row..<rows.upperBound + corner.row,
                    columns: 0..<volume.columns)
            },
            layout.columns.map { columns in
                VoxelBox(
                    frames: frames, rows: 0..<volume.rows,
                    columns: columns.lowerBound + corner.column..<columns.upperBound + corner.column)
            },
        ]
        return bands.compactMap { $0 }
    }

    /// Pixels from the middle of the gap to another pixel of the volume, across the gap; `nil` for a cross.
    func distance(from pixel: (row: Int, column: Int)) -> Double? {
        guard !layout.isCross else { return nil }
        return switch layout.axis {
        case .row: abs(Double(pixel.row - corner.row) - Double(layout.shape.rows - 1) / 2)
        case .column: abs(Double(pixel.column - corner.column) - Double(layout.shape.columns - 1) / 2)
        }
    }
}

/// Draws windows from a volume, at random among the places where there is something to predict.
///
/// A window counts where enough of its hidden voxels expect, or in a measurement hold, a count. Most such places are dim. So every second window is the brightest of four: enough of each brightness, and few at the very peak.
struct WindowDraw {
    /// Places that are looked at for each window that is asked for.
    private static let attempts = 100
    /// Of how many places every second window is the brightest.
    private static let rivals = 4

    let layouts: [WindowLayout]
    /// Share of the windows whose gap is a cross.
    let crosses: Double
    /// Share of the hidden voxels that have signal, at least.
    var signalShare = 0.25

    /// Up to `count` windows; fewer where the volume has too few places with signal.
    ///
    /// - Parameter earlier: number of windows from other volumes: every second one of all is bright.
    func windows(
        _ count: Int, after earlier: Int = 0, of volume: StudyVolume, using generator: inout SeededGenerator
    ) -> [DrawnWindow] {
        let signal = volume.signal
        var windows: [DrawnWindow] = []
        var rivals: [(window: DrawnWindow, brightness: Double)] = []
        for _ in 0..<count * Self.attempts where windows.count < count {
            guard let window = window(within: signal.shape, using: &generator), window.isUsable(volume.unusable),
                let brightness = window.brightness(in: signal, share: signalShare)
            else { continue }
            rivals.append((window, brightness))
            guard rivals.count == ((earlier + windows.count).isMultiple(of: 2) ? 1 : Self.rivals) else { continue }
            if let brightest = rivals.max(by: { $0.brightness < $1.brightness }) { windows.append(brightest.window) }
            rivals = []
        }
        return windows
    }

    private func window(within volume: VolumeShape, using generator: inout SeededGenerator) -> DrawnWindow? {
        let isCross = generator.uniform() < crosses
        let candidates = layouts.filter { $0.isCross == isCross }
        let layout = candidates[generator.index(below: candidates.count)]
        let room = zip(volume.extents, layout.shape.extents).map { $0 - $1 + 1 }
        guard room.allSatisfy({ $0 > 0 }) else { return nil }
        let corner = room.map { generator.index(below: $0) }
        return DrawnWindow(layout: layout, corner: (corner[0], corner[1], corner[2]))
    }
}

extension DrawnWindow {
    fileprivate func isUsable(_ mask: PixelMask) -> Bool {
        for row in corner.row..<corner.row + layout.shape.rows {
            for column in corner.column..<corner.column + layout.shape.columns where mask[row, column] { return false }
        }
        return true
    }

    /// Mean log(1+I) of the hidden voxels; `nil` where a smaller share of them has signal.
    fileprivate func brightness(in signal: Volume<Float>, share: Double) -> Double? {
        let columns = layout.shape.columns
        let first = signal.rowBase(frame: corner.frame, row: corner.row) + corner.column
        let offsets = layout.hidden.map { first + $0 / columns * signal.shape.columns + $0 % columns }
        let frameCount = signal.shape.frame.count
        let hidden = offsets.count * layout.shape.frames
        return signal.storage.withUnsafeBufferPointer { signal in
            var counted = 0
            for frame in 0..<layout.shape.frames {
                for offset in offsets where signal[frame &* frameCount &+ offset] >= 1 { counted &+= 1 }
            }
            guard Double(counted) >= share * Double(hidden) else { return nil }
            var sum = 0.0
            for frame in 0..<layout.shape.frames {
                for offset in offsets { sum += Double(log1p(signal[frame &* frameCount &+ offset])) }
            }
            return sum / Double(hidden)
        }
    }
}

extension SeededGenerator {
    /// A whole number evenly distributed over 0 ..< `count`.
    fileprivate mutating func index(below count: Int) -> Int { min(count - 1, Int(uniform() * Double(count))) }
}

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

/// The seams of a MAXIPIX, which has no dead area: the pixels on both sides are as wide as three and hold their sums.
enum MaxipixSeams {
    /// Of a seam with its wide pixels.
    static let width = 6
    /// How many pixels a wide one covers.
    private static let factor = 3

    /// The pixels of a frame that are measured together.
    ///
    /// - Parameters:
    ///   - rows: of a seam, ``width`` of them; `nil` for none.
    ///   - columns: likewise.
    static func sums(rows: Range<Int>?, columns: Range<Int>?, frame: FrameShape) -> SummedPixels {
        let seams = [(LineAxis.row, rows), (.column, columns)]
        let lines = seams.flatMap { axis, range -> [EdgePixels.Line] in
            guard let range else { return [] }
            let (first, end) = (range.lowerBound, range.upperBound)
            return [
                EdgePixels.Line(axis: axis, index: first, covers: first..<first + factor),
                EdgePixels.Line(axis: axis, index: end - 1, covers: end - factor..<end),
            ]
        }
        return SummedPixels(
            EdgePixels(factor: factor, lines: lines), frame: frame, unusable: PixelMask(shape: frame))
    }
}
