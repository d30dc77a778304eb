internal import CHDF5

extension HDF5Group {
    /// Copies a group or dataset, with everything below it, from this or another file to a new member of this group.
    ///
    /// What a link points to is copied in its place; a link that points nowhere is left out.
    /// - Returns: `false` when the source has no such object.
    func copy(_ sourcePath: String, from source: HDF5File, as name: String) throws(HDF5Failure) -> Bool {
        let sourceRoot = try source.root
        return try HDF5Library.perform { () throws(HDF5Failure) in
            // False, or an error where an outer part of the path is missing, both mean that there is no such object.
            guard H5Oexists_by_name(sourceRoot.handle.id, sourcePath, lacuna_h5p_default()) > 0 else {
                H5Eclear2(lacuna_h5e_default())
                return false
            }
            let options = try HDF5Handle(
                H5Pcreate(lacuna_h5p_object_copy()), "prepare the copy of \(sourcePath)", close: H5Pclose)
            H5Pset_copy_object(options.id, UInt32(H5O_COPY_EXPAND_SOFT_LINK_FLAG | H5O_COPY_EXPAND_EXT_LINK_FLAG))
            let status = H5Ocopy(
                sourceRoot.handle.id, sourcePath, handle.id, name, options.id, lacuna_h5p_default())
            guard status >= 0 else { throw HDF5Failure("copy \(sourcePath) to \(path(of: name))") }
            if case .group(let copy) = try open(name) { try copy.removeLinks() }
            return true
        }
    }

    /// Removes a member, if there is one of this name.
    func remove(_ name: String) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Lexists(handle.id, name, lacuna_h5p_default()) > 0 else { return }
            guard H5Ldelete(handle.id, name, lacuna_h5p_default()) >= 0 else {
                throw HDF5Failure("remove \(path(of: name))")
            }
        }
    }

    /// Removes the soft and external links in this group and below.
    private func removeLinks() throws(HDF5Failure) {
        for name in try names() {
            if try link(name) != .hard {
                try remove(name)
            } else if case .group(let group) = try open(name) {
                try group.removeLinks()
            }
        }
    }
}
