internal import CHDF5

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
        case H5T_FLOAT where size == 4: self = .float32
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
