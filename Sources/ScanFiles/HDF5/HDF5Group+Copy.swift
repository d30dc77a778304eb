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
            var visited: Set<haddr_t> = []
            if case .group(let group) = try sourceRoot.open(String(sourcePath.drop { $0 == "/" })) {
                try group.probe(&visited)
            }
            let options = try HDF5Handle(
                H5Pcreate(lacuna_h5p_object_copy()), "prepare the copy of \(sourcePath)", close: H5Pclose)
            H5Pset_copy_object(options.id, UInt32(H5O_COPY_EXPAND_SOFT_LINK_FLAG | H5O_COPY_EXPAND_EXT_LINK_FLAG))
            let status = H5Ocopy(
                sourceRoot.handle.id, sourcePath, handle.id, name, options.id, lacuna_h5p_default())
            guard status >= 0 else { throw HDF5Failure("copy \(sourcePath) to \(path(of: name))") }
            var link = lacuna_h5l_info()
            guard lacuna_h5l_get_info(handle.id, name, &link) >= 0 else {
                throw HDF5Failure("look at \(path(of: name))")
            }
            if case .group(let copy) = try open(name) { try copy.removeLinks(ownAddress: link.u.address) }
            return true
        }
    }

    /// Reads everything below this group: HDF5 1.10 crashes when it copies what it cannot read.
    private func probe(_ visited: inout Set<haddr_t>) throws(HDF5Failure) {
        for name in try names() {
            let isThere = try link(name) == .hard || H5Oexists_by_name(handle.id, name, lacuna_h5p_default()) > 0
            var info = lacuna_h5o_info()
            let isKnown = isThere && lacuna_h5o_get_info_by_name(handle.id, name, &info) >= 0
            H5Eclear2(lacuna_h5e_default())
            guard isThere, !(isKnown && info.type == H5O_TYPE_NAMED_DATATYPE) else { continue }
            guard !isKnown || visited.insert(info.addr).inserted else { continue }
            switch try open(name) {
            case .group(let group): try group.probe(&visited)
            case .dataset(let dataset) where dataset.elementType == nil: _ = try dataset.readText()
            case .dataset(let dataset) where dataset.count <= 1 << 20: _ = try dataset.read(as: Double.self)
            case .dataset: break
            }
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

    /// Makes a tree of a fresh copy: removes links that point nowhere, and all but the first to each group.
    ///
    /// A link to an outer group becomes, expanded, a group that contains itself, in which readers lose their way.
    private func removeLinks(ownAddress: haddr_t) throws(HDF5Failure) {
        var found = FoundLinks(addresses: [ownAddress])
        let status = withUnsafeMutablePointer(to: &found) { found in
            lacuna_h5l_visit(
                handle.id,
                { _, name, link, found in
                    if let name, let link = link?.pointee {
                        found?.assumingMemoryBound(to: FoundLinks.self).pointee.add(link, name: String(cString: name))
                    }
                    return 0
                }, found)
        }
        guard status >= 0 else { throw HDF5Failure("look for links in \(path)") }
        for name in found.dangling { try remove(name) }
        for name in found.repeated { if case .group = try open(name) { try remove(name) } }
    }
}

/// The links below a group, by their paths from it.
private struct FoundLinks {
    /// Of the objects that were met.
    var addresses: Set<haddr_t>
    /// What is still a soft or external link after a copy that follows them.
    var dangling: [String] = []
    /// Hard links to objects that another one reaches, too.
    var repeated: [String] = []

    mutating func add(_ link: lacuna_h5l_info, name: String) {
        if link.type == H5L_TYPE_HARD {
            if !addresses.insert(link.u.address).inserted { repeated.append(name) }
        } else {
            dangling.append(name)
        }
    }
}
