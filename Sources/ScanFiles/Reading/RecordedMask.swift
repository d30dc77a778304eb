public import Volume

/// A mask of unusable pixels as it stands in a file, (frame, row, column) or the same (row, column) for every frame.
public struct RecordedMask: Sendable {
    /// What its values mean.
    public enum Convention: String, Sendable, Codable {
        /// Bits of NXdetector's `pixel_mask`: 0 gap, 1 dead, 2 too low, 3 too high, 4 noisy, 6 cluster, 31 virtual …
        case nexus
        /// Bits of CXI's `mask`: 0 invalid, 1 saturated, 2 hot, 3 dead, 4 shadowed, 9 missing …
        case cxi
        /// Not zero: unusable.
        case nonZero
    }

    public let convention: Convention
    /// Where it stands, for messages.
    public let location: String
    public let shape: FrameShape
    /// The number of frames that it distinguishes; 1 when it holds for all.
    public let frames: Int
    /// Masks of which a pixel's bits are united.
    let parts: [FrameStack]
    /// The values themselves, for all frames, where they were read at once.
    private(set) var values: [UInt32]?

    /// - Throws: ``ScanFileError`` when the mask does not fit a stack of `shape`.
    init(_ convention: Convention, _ parts: FrameStack..., for shape: VolumeShape?) throws(ScanFileError) {
        try self.init(convention, parts: parts, for: shape)
    }

    init(_ convention: Convention, parts: [FrameStack], for shape: VolumeShape?) throws(ScanFileError) {
        precondition(!parts.isEmpty, "a mask needs values")
        let first = parts[0]
        for part in parts {
            let expected = shape ?? first.shape
            guard part.shape.frame == expected.frame, [1, expected.frames].contains(part.shape.frames) else {
                throw ScanFileError(
                    path: part.sources.first?.path ?? "", dataset: part.dataset,
                    problem: "expected a mask of \(expected.frame) or \(expected), found "
                        + (part.shape.frames == 1 ? "\(part.shape.frame)" : "\(part.shape)"))
            }
        }
        self.convention = convention
        self.parts = parts
        location = parts.map { part in
            let path = part.sources.first?.path ?? ""
            return part.dataset.isEmpty ? path : "\(path)::\(part.dataset)"
        }.joined(separator: ", ")
        self.shape = first.shape.frame
        frames = parts.map(\.shape.frames).max() ?? 1
    }

    /// A mask for all frames whose values are known.
    init(
        _ convention: Convention, bits: [UInt32], frame: FrameShape, location: String, for shape: VolumeShape?
    ) throws(ScanFileError) {
        guard shape.map({ $0.frame == frame }) ?? true else {
            throw ScanFileError(
                path: location, problem: "expected a mask of \(shape.map { "\($0.frame)" } ?? ""), found \(frame)")
        }
        self.convention = convention
        self.location = location
        self.shape = frame
        frames = 1
        parts = []
        values = bits
    }

    /// The values of the mask that holds for all frames, or of the first frame.
    public func bits() throws(ScanFileError) -> [UInt32] { try MaskReader(self).bits(frames: 0..<1) }
}

/// Reads the values of a mask, frame by frame.
public final class MaskReader: Sendable {
    public let mask: RecordedMask
    private let readers: [FrameReader]

    public init(_ mask: RecordedMask) throws(ScanFileError) {
        self.mask = mask
        var readers: [FrameReader] = []
        for part in mask.parts { readers.append(try FrameReader(part)) }
        self.readers = readers
    }

    /// The values of consecutive frames in row-major order.
    ///
    /// - Precondition: `frames` lies within the mask's own frames.
    public func bits(frames: Range<Int>) throws(ScanFileError) -> [UInt32] {
        if let values = mask.values { return Array(repeatElement(values, count: frames.count).joined()) }
        var bits = [UInt32](repeating: 0, count: frames.count * mask.shape.count)
        for reader in readers {
            let isShared = reader.shape.frames == 1
            let part = try reader.read(frames: isShared ? 0..<1 : frames).bitPatterns()
            for index in bits.indices { bits[index] |= part[isShared ? index % part.count : index] }
        }
        return bits
    }
}
