public import Volume

/// Consecutive frames of a stack exactly as recorded, (frame, slow = row, fast = column), in this machine's byte order.
public struct RawFrames: Sendable {
    /// Indices within the stack.
    public internal(set) var frames: Range<Int>
    public internal(set) var frameShape: FrameShape
    public internal(set) var elementType: ElementType
    /// `count * elementType.size` bytes, aligned for the element type.
    public internal(set) var bytes: [UInt8]

    /// No frames: room that ``FrameReader/read(frames:into:)`` fills.
    public init() {
        self.init(frames: 0..<0, frameShape: FrameShape(rows: 0, columns: 0), elementType: .uint8, bytes: [])
    }

    init(frames: Range<Int>, frameShape: FrameShape, elementType: ElementType, bytes: [UInt8]) {
        self.frames = frames
        self.frameShape = frameShape
        self.elementType = elementType
        self.bytes = bytes
    }

    /// Number of voxels.
    public var count: Int { frames.count * frameShape.count }

    /// The voxels as mask bits: the low 32 bits of integers, 1 for a floating-point number other than 0.
    func bitPatterns() -> [UInt32] {
        switch elementType {
        case .int8: bitPatterns(Int8.self)
        case .uint8: bitPatterns(UInt8.self)
        case .int16: bitPatterns(Int16.self)
        case .uint16: bitPatterns(UInt16.self)
        case .int32: bitPatterns(Int32.self)
        case .uint32: bitPatterns(UInt32.self)
        case .int64: bitPatterns(Int64.self)
        case .uint64: bitPatterns(UInt64.self)
        case .float32: bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).map { $0 == 0 ? 0 : 1 } }
        case .float64: bytes.withUnsafeBytes { $0.bindMemory(to: Double.self).map { $0 == 0 ? 0 : 1 } }
        }
    }

    private func bitPatterns<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) -> [UInt32] {
        bytes.withUnsafeBytes { $0.bindMemory(to: Element.self).map { UInt32(truncatingIfNeeded: $0) } }
    }
}

extension Array where Element: BitwiseCopyable {
    /// Makes room for `count` elements, whose values are left to the caller, and keeps the memory it has where that fits.
    mutating func resize(uninitialized count: Int) {
        guard self.count != count else { return }
        self = Array(unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
    }
}
