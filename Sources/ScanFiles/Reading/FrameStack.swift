public import Volume

/// A stack of detector images in files, (frame, slow = row, fast = column), and how to get at it.
public struct FrameStack: Sendable {
    /// Where it stands in the input: an HDF5 path, or the member of an `.npz` file.
    public let dataset: String
    public let shape: VolumeShape
    public let elementType: ElementType
    /// The filters that the chunks went through, e.g. `bitshuffle-lz4`.
    public let filters: [String]
    /// Every file that holds values of it.
    public let sources: [SourceFile]
    /// The pixels of which no frame has a value, since no source of a virtual dataset is mapped onto them: the spaces
    /// between modules, and modules that were off. `nil` where there are none.
    public var unrecorded: PixelMask?
    let storage: FrameStorage
}

extension FrameStack {
    /// Frames whose file is not there.
    func missing(among frames: Range<Int>) -> [Int] {
        guard case .images(let images) = storage else { return [] }
        return frames.filter { images[$0] == nil }
    }
}

/// Where the values of a stack lie.
enum FrameStorage: Sendable {
    /// Frames, or parts of frames, in HDF5 datasets; where two overlap, the later one counts.
    case segments([FrameSegment])
    /// An array in a NumPy file.
    case array(NumpyLocation)
    /// Images in files of their own, or several to a file; `nil` for a frame whose file is not there.
    case images([ImageLocation?])
}

/// A dataset in a file.
struct HDF5Location: Hashable, Sendable {
    var file: String
    var dataset: String
    /// What is seen of it; `nil` for everything.
    var plane: HDF5Plane?

    init(_ dataset: HDF5Dataset) {
        (file, self.dataset) = (dataset.file.path, dataset.path)
        plane = dataset.plane.isWhole ? nil : dataset.plane
    }
}

/// Consecutive frames of a stack, or the same part of each, that lie in one dataset.
struct FrameSegment: Hashable, Sendable {
    /// Indices within the stack.
    var frames: Range<Int>
    var location: HDF5Location
    /// The index of the first of `frames` within the dataset.
    var firstSourceFrame: Int
    var tile: Tile
}

/// A rectangle of a frame and where it lies in the images of a source.
struct Tile: Hashable, Sendable {
    /// Of the frame.
    var rows: Range<Int>
    var columns: Range<Int>
    /// Of the source.
    var firstSourceRow = 0
    var firstSourceColumn = 0

    /// A whole frame.
    init(_ shape: FrameShape) {
        (rows, columns) = (0..<shape.rows, 0..<shape.columns)
    }

    init(rows: Range<Int>, columns: Range<Int>, firstSourceRow: Int, firstSourceColumn: Int) {
        (self.rows, self.columns) = (rows, columns)
        (self.firstSourceRow, self.firstSourceColumn) = (firstSourceRow, firstSourceColumn)
    }

    func isWhole(of shape: FrameShape) -> Bool { rows.count == shape.rows && columns.count == shape.columns }

    /// What becomes of it where its source takes a rectangle from a further one; `nil` where they share no pixel.
    func taking(_ inner: Tile) -> Tile? {
        let rows = (firstSourceRow..<firstSourceRow + self.rows.count).clamped(to: inner.rows)
        let columns = (firstSourceColumn..<firstSourceColumn + self.columns.count).clamped(to: inner.columns)
        guard !rows.isEmpty, !columns.isEmpty else { return nil }
        let row = self.rows.lowerBound + rows.lowerBound - firstSourceRow
        let column = self.columns.lowerBound + columns.lowerBound - firstSourceColumn
        return Tile(
            rows: row..<row + rows.count, columns: column..<column + columns.count,
            firstSourceRow: inner.firstSourceRow + rows.lowerBound - inner.rows.lowerBound,
            firstSourceColumn: inner.firstSourceColumn + columns.lowerBound - inner.columns.lowerBound)
    }
}

/// Frames of a stack that cannot be read, and why.
struct FrameFault: Sendable {
    enum Kind {
        /// The file is not there.
        case missing
        /// The file cannot be opened, or lacks the dataset.
        case unreadable
        /// The dataset holds fewer frames than are mapped.
        case short
        /// The dataset has room for the frames, but they were never written.
        case unwritten
    }

    var frames: Range<Int>
    var kind: Kind
    var error: ScanFileError
}

/// What an inspection of a stack found out without reading a value.
struct StackFinding {
    /// `nil` when not even the shape is known.
    var stack: FrameStack?
    /// Frames that cannot be read, in order.
    var faults: [FrameFault] = []
    /// Why nothing at all can be read.
    var problem: ScanFileError?

    /// The number of frames before the first that cannot be read.
    var leadingFrames: Int { faults.first?.frames.lowerBound ?? stack?.shape.frames ?? 0 }

    /// True when not one of the files with the frames is there.
    var isMissing: Bool {
        stack != nil && leadingFrames == 0 && endsWithFaults && faults.allSatisfy { $0.kind == .missing }
    }

    /// True when no readable frame follows the first that cannot be read.
    var endsWithFaults: Bool {
        guard let stack, var end = faults.first?.frames.lowerBound else { return true }
        for fault in faults where fault.frames.lowerBound <= end { end = max(end, fault.frames.upperBound) }
        return end >= stack.shape.frames
    }
}

/// What the extents of an array must be like for a stack of images.
enum StackShape {
    /// Frames above which an extent comes from a damaged file rather than from a detector.
    private static let mostFrames = 1 << 24

    /// Why an array of these extents is no stack of images; `nil` when it is one.
    ///
    /// - Parameter allowsImage: An image (row, column) counts as a stack of one frame.
    static func problem(with extents: [Int], allowsImage: Bool = false) -> String? {
        let words = extents.map(String.init).joined(separator: "x")
        guard extents.count == 3 || allowsImage && extents.count == 2 else {
            return "expected 3 axes (frame, row, column), found \(extents.count)" + (words.isEmpty ? "" : ": \(words)")
        }
        guard !extents.contains(0) else { return "expected at least one frame, found the shape \(words)" }
        let (rows, columns) = (extents[extents.count - 2], extents[extents.count - 1])
        let most = FrameShape.largestCount
        guard rows <= most / columns, extents[0] <= mostFrames else {
            return "expected at most \(mostFrames) frames of \(most) pixels, found the shape \(words)"
        }
        return nil
    }
}
