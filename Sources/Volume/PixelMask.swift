/// A mask of one detector image, (slow = row, fast = column): true where a pixel gives no usable count.
public struct PixelMask: Hashable, Sendable {
    public let shape: FrameShape
    /// One flag for each pixel in row-major order.
    public var storage: [Bool]

    /// A mask in which every pixel is usable.
    public init(shape: FrameShape) {
        self.init(shape: shape, storage: [Bool](repeating: false, count: shape.count))
    }

    /// - Precondition: `storage.count == shape.count`.
    public init(shape: FrameShape, storage: [Bool]) {
        precondition(storage.count == shape.count, "\(storage.count) flags given for a mask of \(shape)")
        self.shape = shape
        self.storage = storage
    }

    @inlinable
    public subscript(row: Int, column: Int) -> Bool {
        get { storage[row * shape.columns + column] }
        set { storage[row * shape.columns + column] = newValue }
    }

    /// Number of masked pixels.
    public var maskedCount: Int { storage.count { $0 } }

    /// Masks every pixel of the given rows.
    public mutating func mask(rows: Range<Int>) { mask(rows: rows, columns: 0..<shape.columns) }

    /// Masks every pixel of the given columns.
    public mutating func mask(columns: Range<Int>) { mask(rows: 0..<shape.rows, columns: columns) }

    /// Masks a rectangle of pixels; what lies outside of the image is ignored.
    public mutating func mask(rows: Range<Int>, columns: Range<Int>) {
        for row in rows.clamped(to: 0..<shape.rows) {
            for column in columns.clamped(to: 0..<shape.columns) { self[row, column] = true }
        }
    }

    /// Masks what either of the two masks masks.
    ///
    /// - Precondition: both have the same shape.
    public mutating func formUnion(_ other: PixelMask) {
        precondition(shape == other.shape, "masks of \(shape) and \(other.shape) cannot be united")
        for index in storage.indices where other.storage[index] { storage[index] = true }
    }

    public func union(_ other: PixelMask) -> PixelMask {
        var union = self
        union.formUnion(other)
        return union
    }

    /// Rows and columns exchanged.
    public var transposed: PixelMask {
        var mask = PixelMask(shape: shape.transposed)
        for row in 0..<shape.rows {
            for column in 0..<shape.columns where self[row, column] { mask[column, row] = true }
        }
        return mask
    }
}
