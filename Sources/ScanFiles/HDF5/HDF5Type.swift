internal import CHDF5
public import Detectors
internal import Foundation

extension ElementType {
    /// The HDF5 type that this machine uses for such voxels in memory.
    var nativeType: hid_t {
        switch self {
        case .int8: lacuna_h5t_int8()
        case .uint8: lacuna_h5t_uint8()
        case .int16: lacuna_h5t_int16()
        case .uint16: lacuna_h5t_uint16()
        case .int32: lacuna_h5t_int32()
        case .uint32: lacuna_h5t_uint32()
        case .int64: lacuna_h5t_int64()
        case .uint64: lacuna_h5t_uint64()
        case .float32: lacuna_h5t_float()
        case .float64: lacuna_h5t_double()
        }
    }

    /// The element type of an HDF5 number type; `nil` for text, compounds and anything else.
    init?(hdf5 type: hid_t) {
        let size = H5Tget_size(type)
        switch H5Tget_class(type) {
        case H5T_INTEGER:
            let signed = H5Tget_sign(type) == H5T_SGN_2
            switch size {
            case 1: self = signed ? .int8 : .uint8
            case 2: self = signed ? .int16 : .uint16
            case 4: self = signed ? .int32 : .uint32
            case 8: self = signed ? .int64 : .uint64
            default: return nil
            }
        case H5T_ENUM:
            // h5py stores booleans as an enumeration over int8.
            let base = H5Tget_super(type)
            defer { H5Tclose(base) }
            self.init(hdf5: base)
        // Half precision is read as single: every value is one of that, too.
        case H5T_FLOAT where size == 2 || size == 4: self = .float32
        case H5T_FLOAT where size == 8: self = .float64
        default: return nil
        }
    }
}

extension ElementType {
    /// What to call an HDF5 type that is no element type.
    static func name(ofHDF5 type: hid_t) -> String {
        switch H5Tget_class(type) {
        case H5T_STRING: "text"
        case H5T_COMPOUND: "compounds, e.g. complex numbers"
        case H5T_INTEGER, H5T_FLOAT: "numbers of \(H5Tget_size(type)) bytes"
        default: "another type"
        }
    }
}

/// A number type that can be read from and written to HDF5 as it lies in memory.
package protocol HDF5Number: BitwiseCopyable, Sendable {
    static var elementType: ElementType { get }
}

extension Int8: HDF5Number { package static var elementType: ElementType { .int8 } }
extension UInt8: HDF5Number { package static var elementType: ElementType { .uint8 } }
extension Int16: HDF5Number { package static var elementType: ElementType { .int16 } }
extension UInt16: HDF5Number { package static var elementType: ElementType { .uint16 } }
extension Int32: HDF5Number { package static var elementType: ElementType { .int32 } }
extension UInt32: HDF5Number { package static var elementType: ElementType { .uint32 } }
extension Int64: HDF5Number { package static var elementType: ElementType { .int64 } }
extension UInt64: HDF5Number { package static var elementType: ElementType { .uint64 } }
extension Float: HDF5Number { package static var elementType: ElementType { .float32 } }
extension Double: HDF5Number { package static var elementType: ElementType { .float64 } }

/// HDF5 text, of fixed or of variable length.
enum HDF5Text {
    /// Reads the first text of a dataset or attribute; `nil` when it is not text or holds none.
    static func read(
        type: hid_t, count: Int, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws(HDF5Failure) -> String? {
        // Only a damaged file holds more.
        guard H5Tget_class(type) == H5T_STRING, (1...1 << 20).contains(count) else { return nil }
        if H5Tis_variable_str(type) > 0 {
            let memory = try memoryType(like: type, size: lacuna_h5t_variable())
            var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
            guard read(memory.id, &pointers) >= 0 else { throw HDF5Failure("read text") }
            defer { for pointer in pointers { H5free_memory(pointer) } }
            return pointers[0].map { String(cString: $0) } ?? ""
        }
        let size = H5Tget_size(type)
        guard size <= 1 << 20, size * count <= 1 << 28 else { return nil }
        let memory = try memoryType(like: type, size: size)
        var characters = [CChar](repeating: 0, count: size * count)
        guard read(memory.id, &characters) >= 0 else { throw HDF5Failure("read text") }
        return text(characters.prefix(size))
    }

    /// A memory type for text: UTF-8 where the file says so.
    private static func memoryType(like type: hid_t, size: Int) throws(HDF5Failure) -> HDF5Handle {
        let memory = try HDF5Handle(H5Tcopy(lacuna_h5t_c_s1()), "make a text type", close: H5Tclose)
        H5Tset_size(memory.id, size)
        H5Tset_cset(memory.id, H5Tget_cset(type))
        // A terminated type of the same size would cut off the last letter of a text that fills its size.
        if size != lacuna_h5t_variable() { H5Tset_strpad(memory.id, H5T_STR_NULLPAD) }
        return memory
    }

    /// The type of texts of any length, UTF-8.
    static func variableType() throws(HDF5Failure) -> HDF5Handle {
        let type = try HDF5Handle(H5Tcopy(lacuna_h5t_c_s1()), "make a text type", close: H5Tclose)
        H5Tset_size(type.id, lacuna_h5t_variable())
        H5Tset_cset(type.id, H5T_CSET_UTF8)
        return type
    }
}

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
