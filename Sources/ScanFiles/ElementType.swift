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
