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
    let storage: FrameStorage
}

/// Where the values of a stack lie.
enum FrameStorage: Sendable {
    /// Whole frames in HDF5 datasets, in the order of the frames.
    case segments([FrameSegment])
    /// A virtual dataset that puts frames together from parts of images; HDF5 itself has to read it.
    case mosaic(HDF5Location)
    /// An array in a NumPy file.
    case array(NumpyLocation)
}

/// A dataset in a file.
struct HDF5Location: Hashable, Sendable {
    var file: String
    var dataset: String
}

/// Consecutive frames of a stack that lie in one dataset.
struct FrameSegment: Hashable, Sendable {
    /// Indices within the stack.
    var frames: Range<Int>
    var location: HDF5Location
    /// The index of the first of `frames` within the dataset.
    var firstSourceFrame: Int
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
