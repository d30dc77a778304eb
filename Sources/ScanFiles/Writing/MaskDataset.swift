internal import Foundation
public import Volume

/// One mask of the output, (frame, row, column), one chunk for each frame.
///
/// Nothing is written before the end, so that the file does not depend on how many frames came at a time.
struct MaskDataset {
    private let name: String
    /// What its ones mean, for people.
    private let longName: String
    private let encoder: FrameEncoder
    /// The mask of the last frame.
    private var last: PixelMask?
    /// The chunks, each with how many frames in a row have it: mostly all.
    private var chunks: [(bytes: [UInt8], frames: Int)] = []

    init(_ name: String, longName: String, encoder: FrameEncoder) {
        self.name = name
        self.longName = longName
        self.encoder = encoder
    }

    /// Takes the mask of the next frame.
    mutating func append(_ mask: PixelMask) {
        if let last, last.isSame(as: mask) { return repeatLast() }
        last = mask
        chunks.append((mask.storage.withUnsafeBytes { Array(encoder.deflate($0, elementSize: 1)) }, 1))
    }

    /// The next frame has the mask of the last one.
    mutating func repeatLast() {
        chunks[chunks.count - 1].frames += 1
    }

    /// Writes the masks of all frames.
    func write(in group: HDF5Group, shape: VolumeShape) throws(HDF5Failure) {
        let dataset = try group.createDataset(
            name, shape: shape.extents, type: .uint8, storage: .deflatedMask(chunk: [1, shape.rows, shape.columns]))
        try dataset.setAttribute("long_name", to: longName)
        var frame = 0
        for chunk in chunks {
            try chunk.bytes.withUnsafeBufferPointer { bytes throws(HDF5Failure) in
                for _ in 0..<chunk.frames {
                    try dataset.writeStoredChunk(at: [frame, 0, 0], bytes: UnsafeRawBufferPointer(bytes))
                    frame += 1
                }
            }
        }
    }
}

extension PixelMask {
    /// Compares 2 million pixels in a tenth of a millisecond, which `==` on an array of flags does not.
    fileprivate func isSame(as other: PixelMask) -> Bool {
        guard shape == other.shape else { return false }
        return storage.withUnsafeBytes { bytes in
            other.storage.withUnsafeBytes { otherBytes in
                guard let start = bytes.baseAddress, let otherStart = otherBytes.baseAddress else { return true }
                return start == otherStart || memcmp(start, otherStart, bytes.count) == 0
            }
        }
    }
}

/// What the pixels of one frame are, (slow = row, fast = column).
public struct FrameMasks: Hashable, Sendable {
    /// True where the value is an estimate.
    public var inpainted: PixelMask
    /// True where the value is neither measured nor estimated.
    public var unusable: PixelMask

    /// - Precondition: both have the same shape.
    public init(inpainted: PixelMask, unusable: PixelMask) {
        precondition(inpainted.shape == unusable.shape, "masks of \(inpainted.shape) and \(unusable.shape)")
        self.inpainted = inpainted
        self.unusable = unusable
    }
}

/// The masks of a block of frames.
public enum BlockMasks: Sendable {
    /// All frames have the same.
    case uniform(FrameMasks)
    /// One for each frame of the block.
    case perFrame([FrameMasks])

    subscript(frame: Int) -> FrameMasks {
        switch self {
        case .uniform(let masks): masks
        case .perFrame(let masks): masks[frame]
        }
    }
}

/// Which estimates the mask for phase retrieval leaves free, beside what is neither measured nor filled.
public enum FreeEstimates: Sendable {
    case none
    /// Those of these pixels, in every frame.
    case pixels(PixelMask)
    case all

    /// Writes the mask, (frame, row, column).
    ///
    /// - Parameters:
    ///   - data: the group that holds `data_mask` and `inpainted`, all frames of them written.
    func writeMask(
        _ name: String, in group: HDF5Group, data: HDF5Group, shape: VolumeShape, encoder: FrameEncoder
    ) throws(HDF5Failure) {
        guard let unusable = try data.open("data_mask").dataset, let inpainted = try data.open("inpainted").dataset
        else { return try group.createSoftLink(name, to: "/entry/data/data_mask") }
        if case .none = self { return try group.createSoftLink(name, to: "/entry/data/data_mask") }
        let (unusableFrames, inpaintedFrames) = (try StoredFrameReader(unusable), try StoredFrameReader(inpainted))
        var mask = MaskDataset(name, longName: "1: to be left free in phase retrieval", encoder: encoder)
        var last: (unusable: StoredFrame, inpainted: StoredFrame)?
        for frame in 0..<shape.frames {
            let (unusable, inpainted) = (try unusableFrames.frame(frame), try inpaintedFrames.frame(frame))
            if let last, last.unusable.isSame(as: unusable), last.inpainted.isSame(as: inpainted) {
                mask.repeatLast()
                continue
            }
            last = (unusable, inpainted)
            let storage = (0..<shape.frame.count).map { pixel in
                unusable[pixel] != 0 || (frees(pixel) && inpainted[pixel] != 0)
            }
            mask.append(PixelMask(shape: shape.frame, storage: storage))
        }
        try mask.write(in: group, shape: shape)
    }

    private func frees(_ pixel: Int) -> Bool {
        switch self {
        case .none: false
        case .pixels(let mask): mask.storage[pixel]
        case .all: true
        }
    }
}
