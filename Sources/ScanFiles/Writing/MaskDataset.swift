internal import Foundation
public import Volume

/// One mask of the output: (row, column) while all frames share it, (frame, row, column) once one deviates.
struct MaskDataset {
    private let name: String
    /// What its ones mean, for people.
    private let longName: String
    private let group: HDF5Group
    private let frames: Int
    private let encoder: FrameEncoder
    /// The mask of the last frame and its chunk.
    private var last: (mask: PixelMask, chunk: [UInt8])?
    /// Frames given so far.
    private var count = 0
    /// `nil` while all frames are alike.
    private var dataset: HDF5Dataset?

    init(_ name: String, longName: String, in group: HDF5Group, frames: Int, encoder: FrameEncoder) {
        self.name = name
        self.longName = longName
        self.group = group
        self.frames = frames
        self.encoder = encoder
    }

    /// Takes the mask of the next frame.
    mutating func append(_ mask: PixelMask) throws(HDF5Failure) {
        if let last, last.mask.isSame(as: mask) {
            try writeChunk(last.chunk, frame: count)
        } else {
            let chunk = mask.storage.withUnsafeBytes { Array(encoder.deflate($0, elementSize: 1)) }
            if let last, dataset == nil { try separateFrames(before: count, shape: mask.shape, chunk: last.chunk) }
            last = (mask, chunk)
            try writeChunk(chunk, frame: count)
        }
        count += 1
    }

    /// The next frame has the mask of the last one.
    mutating func repeatLast() throws(HDF5Failure) {
        if let last { try writeChunk(last.chunk, frame: count) }
        count += 1
    }

    /// Writes the mask that all frames share, if they do.
    func finish() throws(HDF5Failure) {
        guard dataset == nil, let last else { return }
        let shape = [last.mask.shape.rows, last.mask.shape.columns]
        let dataset = try group.createDataset(
            name, shape: shape, type: .uint8, storage: .deflatedMask(chunk: shape))
        try dataset.setAttribute("long_name", to: longName)
        try last.chunk.withUnsafeBufferPointer { bytes throws(HDF5Failure) in
            try dataset.writeStoredChunk(at: [0, 0], bytes: UnsafeRawBufferPointer(bytes))
        }
    }

    private mutating func separateFrames(
        before end: Int, shape: FrameShape, chunk: [UInt8]
    ) throws(HDF5Failure) {
        let dataset = try group.createDataset(
            name, shape: [frames, shape.rows, shape.columns], type: .uint8,
            storage: .deflatedMask(chunk: [1, shape.rows, shape.columns]))
        try dataset.setAttribute("long_name", to: longName)
        self.dataset = dataset
        for frame in 0..<end { try writeChunk(chunk, frame: frame) }
    }

    private func writeChunk(_ chunk: [UInt8], frame: Int) throws(HDF5Failure) {
        guard let dataset else { return }
        try chunk.withUnsafeBufferPointer { bytes throws(HDF5Failure) in
            try dataset.writeStoredChunk(at: [frame, 0, 0], bytes: UnsafeRawBufferPointer(bytes))
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

    /// Writes the mask, (row, column) where all frames have the same, (frame, row, column) otherwise.
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
        let isUniform = unusable.shape.count == 2 && inpainted.shape.count == 2
        var mask = MaskDataset(
            name, longName: "1: to be left free in phase retrieval", in: group, frames: shape.frames, encoder: encoder)
        for frame in 0..<shape.frames {
            if frame > 0, isUniform {
                try mask.repeatLast()
                continue
            }
            let (unusable, inpainted) = (try unusableFrames.frame(frame), try inpaintedFrames.frame(frame))
            let storage = (0..<shape.frame.count).map { pixel in
                unusable[pixel] != 0 || (frees(pixel) && inpainted[pixel] != 0)
            }
            try mask.append(PixelMask(shape: shape.frame, storage: storage))
        }
        try mask.finish()
    }

    private func frees(_ pixel: Int) -> Bool {
        switch self {
        case .none: false
        case .pixels(let mask): mask.storage[pixel]
        case .all: true
        }
    }
}
