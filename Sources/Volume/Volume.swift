/// A dense stack of detector images in memory, (frame, slow = row, fast = column), columns contiguous.
public struct Volume<Element: BitwiseCopyable & Sendable>: Sendable {
    public let shape: VolumeShape
    /// The voxels in row-major order; `storage.count == shape.count`.
    public var storage: [Element]

    public init(shape: VolumeShape, repeating value: Element) {
        self.shape = shape
        storage = [Element](repeating: value, count: shape.count)
    }

    /// - Precondition: `storage.count == shape.count`.
    public init(shape: VolumeShape, storage: [Element]) {
        precondition(storage.count == shape.count, "\(storage.count) voxels given for a volume of \(shape)")
        self.shape = shape
        self.storage = storage
    }

    /// The position in `storage` of the first pixel of a row.
    @inlinable
    public func rowBase(frame: Int, row: Int) -> Int { (frame * shape.rows + row) * shape.columns }

    @inlinable
    public subscript(frame: Int, row: Int, column: Int) -> Element {
        get { storage[rowBase(frame: frame, row: row) + column] }
        set { storage[rowBase(frame: frame, row: row) + column] = newValue }
    }

    /// The range of `storage` that one frame takes.
    public func range(ofFrame frame: Int) -> Range<Int> {
        frame * shape.frame.count..<(frame + 1) * shape.frame.count
    }

    /// The range of `storage` that some successive frames take.
    public func range(ofFrames frames: Range<Int>) -> Range<Int> {
        frames.lowerBound * shape.frame.count..<frames.upperBound * shape.frame.count
    }
}

extension Volume: Equatable where Element: Equatable {}
