internal import Foundation
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

extension RecordedMask {
    /// Opens a mask that a user names: `FILE` or `FILE::PATH`, a NumPy, HDF5, PNG, TIFF or EDF file,
    /// told by its content; not zero = unusable.
    ///
    /// Without a path the array or dataset `mask` is taken, or else the only one.
    /// - Parameter shape: The stack that it is meant for; it must hold for one frame or for each.
    /// - Throws: ``ScanFileError`` when there is no such mask or it does not fit.
    public static func open(_ specification: String, for shape: VolumeShape?) throws(ScanFileError) -> RecordedMask {
        let (path, name) = split(specification)
        if let archive = try NumpyArchive(path) {
            return try RecordedMask(.nonZero, part(of: archive, named: name), for: shape)
        }
        if name == nil, let mask = try image(path, for: shape) { return mask }
        let walker = LinkWalker()
        let root = LinkedGroup(group: try walker.root(of: walker.file(path)), walker: walker)
        let places = name.map { [$0] } ?? ["mask", "entry/mask", "entry/data/data_mask", "data", "entry/data/data"]
        for place in places {
            if let part = try root.mask(place) { return try RecordedMask(.nonZero, part, for: shape) }
        }
        throw ScanFileError(
            path: path, dataset: name,
            problem: name == nil ? "holds no dataset /mask; name one as \(path)::PATH" : "there is no such dataset")
    }

    /// A mask that is a picture, or one for each frame; `nil` for a file of another kind.
    private static func image(_ path: String, for shape: VolumeShape?) throws(ScanFileError) -> RecordedMask? {
        if MaskFileFormat.isPicture(try ByteStream(file: path).read(upTo: 8, at: 0)) {
            let mask = try MaskFileFormat.readPicture(path)
            let bits = mask.storage.map { $0 ? 1 : 0 as UInt32 }
            return try RecordedMask(.nonZero, bits: bits, frame: mask.shape, location: path, for: shape)
        }
        guard let file = try ImageFile.open(path) else { return nil }
        guard file.fields["photometric"] == nil else {
            throw ScanFileError(
                path: path, problem: "is a TIFF picture in which 0 is white: what its zeros mean cannot be told")
        }
        let stack = ImageLayout.stack(named: "", of: file.images, form: file.form, sources: [file.source])
        return try RecordedMask(.nonZero, stack, for: shape)
    }

    private static func split(_ specification: String) -> (path: String, name: String?) {
        guard let separator = specification.range(of: "::", options: .backwards) else { return (specification, nil) }
        return (String(specification[..<separator.lowerBound]), String(specification[separator.upperBound...]))
    }

    private static func part(of archive: NumpyArchive, named name: String?) throws(ScanFileError) -> FrameStack {
        let wanted = name ?? (archive.isZip ? "mask" : "")
        if let location = try archive.array(wanted) {
            return try archive.stack(location, name: wanted, allowsImage: true)
        }
        guard name == nil, archive.arrays.count == 1, let only = archive.arrays.first else {
            throw archive.error("holds no array of that name", array: wanted)
        }
        return try archive.stack(only.location, name: only.name, allowsImage: true)
    }
}
