internal import CHDF5

/// How a new dataset is stored.
package struct HDF5Storage: Sendable {
    /// `nil` stores it in one piece.
    package var chunk: [Int]?
    /// Filters in the order in which they are applied; they need `chunk`.
    package var filters: [HDF5Filter] = []
    /// Extents up to which the dataset may grow; `nil` fixes it. −1 stands for "without limit".
    package var maximum: [Int]?

    package init(chunk: [Int]? = nil, filters: [HDF5Filter] = [], maximum: [Int]? = nil) {
        self.chunk = chunk
        self.filters = filters
        self.maximum = maximum
    }

    /// In one piece, unfiltered.
    package static let plain = HDF5Storage()

    /// Shuffled and deflated, which every HDF5 library can read.
    package static func deflated(chunk: [Int], elementSize: Int, level: Int = 1) -> HDF5Storage {
        HDF5Storage(
            chunk: chunk,
            filters: [
                HDF5Filter(id: HDF5Filter.shuffle, name: "shuffle", parameters: [UInt32(elementSize)]),
                HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [UInt32(level)]),
            ])
    }

    /// Deflated only: single bytes have nothing to shuffle.
    static func deflatedMask(chunk: [Int]) -> HDF5Storage {
        HDF5Storage(chunk: chunk, filters: [HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [1])])
    }
}

extension HDF5Group {
    /// Creates a dataset without writing any value.
    package func createDataset(
        _ name: String, shape: [Int], type: ElementType, storage: HDF5Storage = .plain
    ) throws(HDF5Failure) -> HDF5Dataset {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let creation = try HDF5Handle(
                H5Pcreate(lacuna_h5p_dataset_create()), "prepare \(path(of: name))", close: H5Pclose)
            // Without times of their own, the same values make the same file.
            if let chunk = storage.chunk {
                guard H5Pset_chunk(creation.id, Int32(chunk.count), chunk.map { hsize_t($0) }) >= 0 else {
                    throw HDF5Failure("chunk \(path(of: name)) by \(chunk)")
                }
            }
            for filter in storage.filters {
                let flags = filter.isOptional ? UInt32(H5Z_FLAG_OPTIONAL) : 0
                let status = H5Pset_filter(
                    creation.id, H5Z_filter_t(filter.id), flags, filter.parameters.count, filter.parameters)
                guard status >= 0 else { throw HDF5Failure("apply the filter \(filter.name) to \(path(of: name))") }
            }
            let spaceID =
                shape.isEmpty
                ? H5Screate(H5S_SCALAR)
                : H5Screate_simple(
                    Int32(shape.count), shape.map { hsize_t($0) }, extents(storage.maximum))
            let space = try HDF5Handle(spaceID, "describe \(path(of: name))", close: H5Sclose)
            return try create(name, type: type.nativeType, space: space, creation: creation)
        }
    }

    /// Writes numbers as a dataset of the given shape; an empty shape makes a scalar.
    @discardableResult
    package func write<Number: HDF5Number>(
        _ name: String, _ values: [Number], shape: [Int]? = nil, storage: HDF5Storage = .plain
    ) throws(HDF5Failure) -> HDF5Dataset {
        let shape = shape ?? [values.count]
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values cannot have the shape \(shape)")
        let dataset = try createDataset(name, shape: shape, type: Number.elementType, storage: storage)
        try HDF5Library.perform { () throws(HDF5Failure) in
            let status = values.withUnsafeBytes { bytes in
                H5Dwrite(
                    dataset.handle.id, Number.elementType.nativeType, lacuna_h5s_all(), lacuna_h5s_all(),
                    lacuna_h5p_default(), bytes.baseAddress)
            }
            guard status >= 0 else { throw HDF5Failure("write \(path(of: name))") }
        }
        return dataset
    }

    /// Writes one number as a scalar dataset.
    @discardableResult
    package func write<Number: HDF5Number>(_ name: String, _ value: Number) throws(HDF5Failure) -> HDF5Dataset {
        try write(name, [value], shape: [])
    }

    /// Writes text as a scalar dataset, in place of one of that name.
    @discardableResult
    package func write(_ name: String, _ text: String) throws(HDF5Failure) -> HDF5Dataset {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let type = try HDF5Text.variableType()
            let existing = try existingDataset(name)
            let dataset = if let existing { existing } else { try createScalar(name, type: type) }
            let status = text.withCString { characters in
                withUnsafePointer(to: characters) {
                    H5Dwrite(
                        dataset.handle.id, type.id, lacuna_h5s_all(), lacuna_h5s_all(), lacuna_h5p_default(), $0)
                }
            }
            guard status >= 0 else { throw HDF5Failure("write \(path(of: name))") }
            return dataset
        }
    }

    private func existingDataset(_ name: String) throws(HDF5Failure) -> HDF5Dataset? {
        guard H5Lexists(handle.id, name, lacuna_h5p_default()) > 0 else { return nil }
        return try open(name).dataset
    }

    private func createScalar(_ name: String, type: HDF5Handle) throws(HDF5Failure) -> HDF5Dataset {
        let space = try HDF5Handle(H5Screate(H5S_SCALAR), "describe \(path(of: name))", close: H5Sclose)
        let creation = try HDF5Handle(
            H5Pcreate(lacuna_h5p_dataset_create()), "prepare \(path(of: name))", close: H5Pclose)
        return try create(name, type: type.id, space: space, creation: creation)
    }

    /// Extents up to which a dataset may grow; −1 stands for "without limit".
    private func extents(_ maximum: [Int]?) -> [hsize_t]? {
        maximum?.map { $0 < 0 ? lacuna_h5s_unlimited() : hsize_t($0) }
    }

    private func create(
        _ name: String, type: hid_t, space: HDF5Handle, creation: HDF5Handle
    ) throws(HDF5Failure) -> HDF5Dataset {
        // Without the time of its creation, a file of the same content has the same bytes.
        H5Pset_obj_track_times(creation.id, false)
        let id = H5Dcreate2(
            handle.id, name, type, space.id, lacuna_h5p_default(), creation.id, lacuna_h5p_default())
        let handle = try HDF5Handle(id, "create \(path(of: name))", close: H5Dclose)
        return try HDF5Dataset(handle, file: file, path: path(of: name))
    }
}

extension HDF5Group {
    /// Creates a dataset whose values lie in other files, as BLISS makes them over Lima files.
    package func createVirtualDataset(
        _ name: String, shape: [Int], type: ElementType, sources: [HDF5VirtualSource], sourceShapes: [[Int]],
        maximum: [Int]? = nil
    ) throws(HDF5Failure) -> HDF5Dataset {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let creation = try HDF5Handle(
                H5Pcreate(lacuna_h5p_dataset_create()), "prepare \(path(of: name))", close: H5Pclose)
            let space = try HDF5Handle(
                H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, extents(maximum)),
                "describe \(path(of: name))", close: H5Sclose)
            for (source, sourceShape) in zip(sources, sourceShapes) {
                let sourceSpace = try HDF5Handle(
                    H5Screate_simple(
                        Int32(sourceShape.count), sourceShape.map { hsize_t($0) },
                        source.source?.contains(where: \.isUnlimited) == true
                            ? sourceShape.map { _ in lacuna_h5s_unlimited() } : nil),
                    "describe \(source.file)", close: H5Sclose)
                try source.target?.select(in: space)
                // A new space has everything selected, which is how h5py maps a whole source.
                try source.source?.select(in: sourceSpace)
                let status = H5Pset_virtual(creation.id, space.id, source.file, source.dataset, sourceSpace.id)
                guard status >= 0 else { throw HDF5Failure("map \(path(of: name)) onto \(source.file)") }
            }
            H5Sselect_all(space.id)
            return try create(name, type: type.nativeType, space: space, creation: creation)
        }
    }
}

extension HDF5Group {
    /// Creates a dataset whose values lie in raw files, as BLISS makes them over EDF files.
    ///
    /// - Parameter parts: names as they are to stand in the file, with the bytes of each.
    package func createExternalDataset(
        _ name: String, shape: [Int], type: ElementType, parts: [(name: String, offset: Int, size: Int)]
    ) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let creation = try HDF5Handle(
                H5Pcreate(lacuna_h5p_dataset_create()), "prepare \(path(of: name))", close: H5Pclose)
            for part in parts {
                guard H5Pset_external(creation.id, part.name, off_t(part.offset), hsize_t(part.size)) >= 0 else {
                    throw HDF5Failure("map \(path(of: name)) onto \(part.name)")
                }
            }
            let space = try HDF5Handle(
                H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), "describe \(path(of: name))",
                close: H5Sclose)
            _ = try create(name, type: type.nativeType, space: space, creation: creation)
        }
    }
}

extension [LineSelection] {
    /// Makes this the selection of a space.
    fileprivate func select(in space: HDF5Handle) throws(HDF5Failure) {
        let status = H5Sselect_hyperslab(
            space.id, H5S_SELECT_SET, map { hsize_t($0.start) }, map { hsize_t($0.stride) },
            map { $0.count.map { hsize_t($0) } ?? lacuna_h5s_unlimited() },
            map { $0.block.map { hsize_t($0) } ?? lacuna_h5s_unlimited() })
        guard status >= 0 else { throw HDF5Failure("select lines") }
    }
}
