internal import CHDF5
internal import Foundation

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
