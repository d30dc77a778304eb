public import Detectors

/// The number type of the voxels in a file, named as NumPy names it.
public enum ElementType: String, Sendable, Codable, CaseIterable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64

    /// Bytes per voxel.
    public var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    /// True for the two floating-point types.
    public var isFloatingPoint: Bool { self == .float32 || self == .float64 }
}

extension ElementType {
    /// The same in the words of the table of flags.
    public var format: VoxelFormat {
        VoxelFormat(isFloatingPoint ? .floating : isSigned ? .signed : .unsigned, bits: size * 8)
    }

    private var isSigned: Bool { [.int8, .int16, .int32, .int64].contains(self) }

    /// The narrowest type that holds every value of both; `nil` where there is none.
    func united(with other: ElementType) -> ElementType? {
        if self == other || other.isHeld(by: self) { return self }
        return Self.allCases.first { isHeld(by: $0) && other.isHeld(by: $0) }
    }

    /// Whether a type holds every value of this one exactly.
    func isHeld(by other: ElementType) -> Bool {
        switch (isFloatingPoint, other.isFloatingPoint) {
        case (true, true): return size <= other.size
        case (true, false): return false
        // A float's digits: 24 or 53 bits.
        case (false, true): return size * 8 <= (other.size == 4 ? 16 : 32)
        case (false, false):
            return isSigned == other.isSigned ? size <= other.size : other.isSigned && size < other.size
        }
    }
}
