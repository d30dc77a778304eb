internal import CHDF5

/// What a name in a group points to.
package enum HDF5Link: Equatable {
    /// An object in the same file.
    case hard
    /// Another path in the same file.
    case soft(path: String)
    /// A path in another file, whose name is as written in the link.
    case external(file: String, path: String)
}

/// An open HDF5 group.
package final class HDF5Group: Sendable {
    package let file: HDF5File
    /// The path by which it was opened.
    package let path: String
    package let handle: HDF5Handle

    init(_ handle: HDF5Handle, file: HDF5File, path: String) {
        self.handle = handle
        self.file = file
        self.path = path
    }

    /// The full path of a member.
    package func path(of name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

    /// The names of its members, in alphabetical order.
    package func names() throws(HDF5Failure) -> [String] {
        try HDF5Library.perform { () throws(HDF5Failure) in
            var info = H5G_info_t()
            guard H5Gget_info(handle.id, &info) >= 0 else { throw HDF5Failure("list \(path)") }
            var names: [String] = []
            for index in 0..<info.nlinks {
                let name = textOfUnknownLength { buffer, size in
                    H5Lget_name_by_idx(
                        handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, lacuna_h5p_default())
                }
                guard let name else { throw HDF5Failure("list \(path)") }
                names.append(name)
            }
            return names
        }
    }

    /// How a member is linked; `nil` when there is none of this name.
    package func link(_ name: String) throws(HDF5Failure) -> HDF5Link? {
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Lexists(handle.id, name, lacuna_h5p_default()) > 0 else { return nil }
            var info = lacuna_h5l_info()
            guard lacuna_h5l_get_info(handle.id, name, &info) >= 0 else {
                throw HDF5Failure("look at the link \(path(of: name))")
            }
            guard info.type == H5L_TYPE_SOFT || info.type == H5L_TYPE_EXTERNAL else { return .hard }
            var value = [CChar](repeating: 0, count: info.u.val_size + 1)
            guard H5Lget_val(handle.id, name, &value, value.count, lacuna_h5p_default()) >= 0 else {
                throw HDF5Failure("read the link \(path(of: name))")
            }
            if info.type == H5L_TYPE_SOFT { return .soft(path: text(value)) }
            var file: UnsafePointer<CChar>?
            var target: UnsafePointer<CChar>?
            var flags: UInt32 = 0
            guard H5Lunpack_elink_val(value, info.u.val_size, &flags, &file, &target) >= 0, let file, let target else {
                throw HDF5Failure("read the external link \(path(of: name))")
            }
            return .external(file: String(cString: file), path: String(cString: target))
        }
    }

    /// Opens a member that lies in this file.
    package func open(_ name: String) throws(HDF5Failure) -> HDF5Node {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let id = H5Oopen(handle.id, name, lacuna_h5p_default())
            let handle = try HDF5Handle(id, "open \(path(of: name))", close: H5Oclose)
            switch H5Iget_type(id) {
            case H5I_GROUP: return .group(HDF5Group(handle, file: file, path: path(of: name)))
            case H5I_DATASET: return .dataset(try HDF5Dataset(handle, file: file, path: path(of: name)))
            default: throw HDF5Failure("open \(path(of: name))", reason: "neither a group nor a dataset")
            }
        }
    }

    /// Creates a member group.
    package func createGroup(_ name: String) throws(HDF5Failure) -> HDF5Group {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let id = H5Gcreate2(
                handle.id, name, lacuna_h5p_default(), lacuna_h5p_default(), lacuna_h5p_default())
            let handle = try HDF5Handle(id, "create the group \(path(of: name))", close: H5Gclose)
            return HDF5Group(handle, file: file, path: path(of: name))
        }
    }

    /// Creates a soft link to a path of the same file.
    package func createSoftLink(_ name: String, to target: String) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Lcreate_soft(target, handle.id, name, lacuna_h5p_default(), lacuna_h5p_default()) >= 0 else {
                throw HDF5Failure("link \(path(of: name)) to \(target)")
            }
        }
    }

    /// Creates a link to a path of another file.
    package func createExternalLink(_ name: String, toFile file: String, path target: String) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let status = H5Lcreate_external(
                file, target, handle.id, name, lacuna_h5p_default(), lacuna_h5p_default())
            guard status >= 0 else { throw HDF5Failure("link \(path(of: name)) to \(file):\(target)") }
        }
    }
}

/// A group or a dataset.
package enum HDF5Node {
    case group(HDF5Group)
    case dataset(HDF5Dataset)

    package var group: HDF5Group? { if case .group(let group) = self { group } else { nil } }
    package var dataset: HDF5Dataset? { if case .dataset(let dataset) = self { dataset } else { nil } }
}

/// The text before the first zero byte, with malformed UTF-8 repaired.
func text(_ characters: some Sequence<CChar>) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Text from a C function that reports the length when it is given no buffer.
func textOfUnknownLength(_ read: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String? {
    let length = read(nil, 0)
    guard length >= 0 else { return nil }
    var buffer = [CChar](repeating: 0, count: length + 1)
    guard read(&buffer, buffer.count) >= 0 else { return nil }
    return text(buffer)
}
