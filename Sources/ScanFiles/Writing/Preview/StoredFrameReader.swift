internal import CISAL
internal import Foundation

/// Reads single frames of an output file, on several threads at once, and of these only the pixels that are asked for.
struct StoredFrameReader: Sendable {
    private let dataset: HDF5Dataset
    private let elementType: ElementType
    /// True for the filters that this package undoes faster than HDF5.
    private let isDeflated: Bool
    private let isShuffled: Bool
    /// The image that stands for every frame, where the dataset holds only one.
    private var image: StoredFrame?

    /// - Parameter dataset: (frame, row, column) or (row, column), which is then that of every frame.
    init(_ dataset: HDF5Dataset) throws(HDF5Failure) {
        guard let elementType = dataset.elementType, dataset.shape.count >= 2 else {
            throw HDF5Failure("read \(dataset.path)", reason: "expected images, found the shape \(dataset.shape)")
        }
        self.dataset = dataset
        self.elementType = elementType
        let filters = dataset.filters.map(\.id)
        isShuffled = filters == [HDF5Filter.shuffle, HDF5Filter.deflate]
        isDeflated = isShuffled || filters == [HDF5Filter.deflate]
        if dataset.shape.count == 2 { image = try read(start: [0, 0], extents: dataset.shape) }
    }

    func frame(_ index: Int) throws(HDF5Failure) -> StoredFrame {
        if let image { return image }
        return try read(start: [index, 0, 0], extents: [1] + dataset.shape.dropFirst())
    }

    private func read(start: [Int], extents: [Int]) throws(HDF5Failure) -> StoredFrame {
        let size = extents.reduce(elementType.size, *)
        var bytes = [UInt8](repeating: 0, count: size)
        if isDeflated {
            let chunk = try dataset.readStoredChunk(at: start)
            guard lacuna_inflate(chunk, UInt32(chunk.count), &bytes, UInt32(size)) == size else {
                throw HDF5Failure("read \(dataset.path) from \(start)", reason: "damaged")
            }
        } else {
            var failure: HDF5Failure?
            bytes.withUnsafeMutableBytes { bytes in
                do throws(HDF5Failure) {
                    try dataset.read(start: start, extents: extents, as: elementType, into: bytes)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        return StoredFrame(bytes: bytes, elementType: elementType, isShuffled: isShuffled)
    }
}

/// One frame as it is stored, shuffled or not.
struct StoredFrame: Sendable {
    private let bytes: [UInt8]
    private let elementType: ElementType
    /// Distances from one element to the next and from one byte of an element to the next.
    private let elementStride: Int
    private let byteStride: Int

    fileprivate init(bytes: [UInt8], elementType: ElementType, isShuffled: Bool) {
        self.bytes = bytes
        self.elementType = elementType
        elementStride = isShuffled ? 1 : elementType.size
        byteStride = isShuffled ? bytes.count / elementType.size : 1
    }

    /// Whether another frame of the same dataset holds the same bytes.
    func isSame(as other: StoredFrame) -> Bool {
        bytes.withUnsafeBytes { left in
            other.bytes.withUnsafeBytes { right in
                guard let start = left.baseAddress, let otherStart = right.baseAddress else { return true }
                return left.count == right.count && memcmp(start, otherStart, left.count) == 0
            }
        }
    }

    /// The value of a pixel, given by its position in row-major order.
    subscript(pixel: Int) -> Float { Float(value(pixel)) }

    /// The same as it is stored.
    func value(_ pixel: Int) -> Double {
        var bits: UInt64 = 0
        for byte in 0..<elementType.size {
            bits |= UInt64(bytes[pixel &* elementStride &+ byte &* byteStride]) &<< UInt64(byte &* 8)
        }
        return switch elementType {
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: Double(bitPattern: bits)
        default: Double(bits)
        }
    }
}
