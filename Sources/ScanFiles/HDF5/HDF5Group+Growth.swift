internal import CHDF5

extension HDF5Dataset {
    /// Writes a block of values in row-major order.
    package func write<Number: HDF5Number>(
        _ values: [Number], start: [Int], extents: [Int]
    ) throws(HDF5Failure) {
        var failure: HDF5Failure?
        values.withUnsafeBytes { bytes in
            do throws(HDF5Failure) {
                try write(start: start, extents: extents, as: Number.elementType, from: bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Gives a chunked dataset other extents, within the maximum with which it was created.
    ///
    /// ``shape`` keeps the extents of the moment when the dataset was opened.
    package func resize(to extents: [Int]) throws(HDF5Failure) {
        precondition(extents.count == shape.count, "a dataset keeps its number of axes")
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Dset_extent(handle.id, extents.map { hsize_t($0) }) >= 0 else {
                throw HDF5Failure("extend \(path) to \(extents)")
            }
        }
    }
}

extension HDF5Object {
    /// Sets a text attribute of variable length, as h5py and Lima do.
    package func setVariableAttribute(_ name: String, to text: String) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let type = try HDF5Text.variableType()
            let space = try HDF5Handle(H5Screate(H5S_SCALAR), "describe \(path)@\(name)", close: H5Sclose)
            let id = H5Acreate2(
                handle.id, name, type.id, space.id, lacuna_h5p_default(), lacuna_h5p_default())
            let attribute = try HDF5Handle(id, "create \(path)@\(name)", close: H5Aclose)
            let status = text.withCString { characters in
                withUnsafePointer(to: characters) { H5Awrite(attribute.id, type.id, $0) }
            }
            guard status >= 0 else { throw HDF5Failure("write \(path)@\(name)") }
        }
    }
}

extension HDF5Text {
    /// The type of one text of any length, UTF-8.
    fileprivate static func variableType() throws(HDF5Failure) -> HDF5Handle {
        let type = try HDF5Handle(H5Tcopy(lacuna_h5t_c_s1()), "make a text type", close: H5Tclose)
        H5Tset_size(type.id, lacuna_h5t_variable())
        H5Tset_cset(type.id, H5T_CSET_UTF8)
        return type
    }
}

extension HDF5Group {
    /// Writes text of variable length, as h5py and Lima do; replaces what was there.
    package func writeVariableText(_ name: String, _ text: String) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let type = try HDF5Text.variableType()
            let exists = H5Lexists(handle.id, name, lacuna_h5p_default()) > 0
            let dataset = exists ? try openDataset(name) : try createScalar(name, type: type)
            let status = text.withCString { characters in
                withUnsafePointer(to: characters) {
                    H5Dwrite(
                        dataset.id, type.id, lacuna_h5s_all(), lacuna_h5s_all(), lacuna_h5p_default(), $0)
                }
            }
            guard status >= 0 else { throw HDF5Failure("write \(path(of: name))") }
        }
    }

    private func openDataset(_ name: String) throws(HDF5Failure) -> HDF5Handle {
        try HDF5Handle(
            H5Dopen2(handle.id, name, lacuna_h5p_default()), "open \(path(of: name))", close: H5Dclose)
    }

    private func createScalar(_ name: String, type: HDF5Handle) throws(HDF5Failure) -> HDF5Handle {
        let space = try HDF5Handle(H5Screate(H5S_SCALAR), "describe \(path(of: name))", close: H5Sclose)
        let creation = try HDF5Handle(
            H5Pcreate(lacuna_h5p_dataset_create()), "prepare \(path(of: name))", close: H5Pclose)
        H5Pset_obj_track_times(creation.id, false)
        let id = H5Dcreate2(
            handle.id, name, type.id, space.id, lacuna_h5p_default(), creation.id, lacuna_h5p_default())
        return try HDF5Handle(id, "create \(path(of: name))", close: H5Dclose)
    }
}
