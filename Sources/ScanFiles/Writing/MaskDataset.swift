internal import Foundation
internal import Volume

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
