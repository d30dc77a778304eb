internal import CHDF5

/// An open HDF5 dataset and what is known about it without reading its values.
package final class HDF5Dataset: Sendable {
    /// Where the values lie.
    package enum Layout: Sendable, Equatable {
        /// In the file, in one piece.
        case contiguous
        /// In the file, in pieces of this shape.
        case chunked([Int])
        /// In other datasets.
        case virtual
    }

    package let file: HDF5File
    /// The path by which it was opened.
    package let path: String
    package let handle: HDF5Handle
    /// Of what is seen: axes that are held at an index are left out.
    package var shape: [Int] { plane.visible(extents) }
    /// Of the whole dataset.
    let extents: [Int]
    /// What is seen of it.
    let plane: HDF5Plane
    /// `nil` for text and compounds.
    package let elementType: ElementType?
    /// What the values are, for messages, e.g. `uint16` or `compounds`.
    let typeName: String
    /// Bytes of a value in the file.
    let storedSize: Int
    /// True when the bytes of the file are the bytes of ``ElementType/nativeType``.
    package let isNative: Bool
    package var layout: Layout {
        if case .chunked(let chunk) = wholeLayout { .chunked(plane.visible(chunk)) } else { wholeLayout }
    }
    private let wholeLayout: Layout
    package let filters: [HDF5Filter]
    /// The raw files that hold the values, where these do not lie in the HDF5 file.
    let externalParts: [HDF5ExternalPart]

    /// Call within ``HDF5Library/perform(_:)``.
    init(_ handle: HDF5Handle, file: HDF5File, path: String) throws(HDF5Failure) {
        self.handle = handle
        self.file = file
        self.path = path

        let space = try HDF5Handle(H5Dget_space(handle.id), "open the data space of \(path)", close: H5Sclose)
        var extents = [hsize_t](repeating: 0, count: max(0, Int(H5Sget_simple_extent_ndims(space.id))))
        H5Sget_simple_extent_dims(space.id, &extents, nil)
        self.extents = extents.map { Int(clamping: $0) }
        plane = .whole(extents.count)

        let type = try HDF5Handle(H5Dget_type(handle.id), "open the type of \(path)", close: H5Tclose)
        elementType = ElementType(hdf5: type.id)
        typeName = elementType?.rawValue ?? ElementType.name(ofHDF5: type.id)
        storedSize = H5Tget_size(type.id)
        isNative = elementType.map { H5Tequal(type.id, $0.nativeType) > 0 } ?? false

        let creation = try HDF5Handle(
            H5Dget_create_plist(handle.id), "open the properties of \(path)", close: H5Pclose)
        switch H5Pget_layout(creation.id) {
        case H5D_CHUNKED:
            var chunk = [hsize_t](repeating: 0, count: extents.count)
            H5Pget_chunk(creation.id, Int32(chunk.count), &chunk)
            wholeLayout = .chunked(chunk.map { Int($0) })
        case H5D_VIRTUAL: wholeLayout = .virtual
        default: wholeLayout = .contiguous
        }
        filters = try HDF5Filter.all(of: creation.id, dataset: path)
        externalParts = try HDF5ExternalPart.all(of: creation.id, beside: file.path)
    }

    private init(_ whole: HDF5Dataset, plane: HDF5Plane) {
        (file, path, handle, extents) = (whole.file, whole.path, whole.handle, whole.extents)
        (elementType, typeName, isNative) = (whole.elementType, whole.typeName, whole.isNative)
        storedSize = whole.storedSize
        (wholeLayout, filters, externalParts) = (whole.wholeLayout, whole.filters, whole.externalParts)
        self.plane = plane
    }

    /// The same dataset with some axes held at an index.
    ///
    /// - Precondition: The plane has an entry for each axis of the whole dataset.
    func seen(as plane: HDF5Plane) -> HDF5Dataset {
        precondition(plane.indices.count == extents.count, "a plane needs an entry for each axis")
        return HDF5Dataset(self, plane: plane)
    }

    /// Number of values; the greatest integer where a damaged file claims more.
    package var count: Int {
        shape.reduce(1) { count, extent in
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: extent)
            return isTooLarge ? .max : product
        }
    }

    // MARK: Reading

    /// All values, converted to `Number`.
    package func read<Number: HDF5Number>(as type: Number.Type = Number.self) throws(HDF5Failure) -> [Number] {
        var failure: HDF5Failure?
        let values = [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(HDF5Failure) {
                try HDF5Library.perform { () throws(HDF5Failure) in
                    let status = H5Dread(
                        handle.id, Number.elementType.nativeType, lacuna_h5s_all(), lacuna_h5s_all(),
                        lacuna_h5p_default(), buffer.baseAddress)
                    guard status >= 0 else { throw HDF5Failure("read \(path)") }
                }
                initialized = buffer.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }

    /// Reads a block of values as `type` into `buffer`, in row-major order.
    ///
    /// - Precondition: `buffer` holds the product of `extents` elements of `type`.
    package func read(
        start: [Int], extents: [Int], as type: ElementType, into buffer: UnsafeMutableRawBufferPointer
    ) throws(HDF5Failure) {
        precondition(buffer.count >= extents.reduce(type.size, *), "the buffer is too small for \(extents)")
        try HDF5Library.perform { () throws(HDF5Failure) in
            let (file, memory) = try selection(start: start, extents: extents)
            let status = H5Dread(
                handle.id, type.nativeType, memory.id, file.id, lacuna_h5p_default(), buffer.baseAddress)
            guard status >= 0 else { throw HDF5Failure("read \(path) from \(start)") }
        }
    }

    /// The first text of a text dataset, of fixed or variable length; `nil` for other types.
    package func readText() throws(HDF5Failure) -> String? {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let type = try HDF5Handle(H5Dget_type(handle.id), "open the type of \(path)", close: H5Tclose)
            return try HDF5Text.read(type: type.id, count: count) { memoryType, buffer in
                H5Dread(handle.id, memoryType, lacuna_h5s_all(), lacuna_h5s_all(), lacuna_h5p_default(), buffer)
            }
        }
    }

    // MARK: Chunks

    /// The number of chunks that a dataset without a hole has, all axes counted.
    func wholeChunkCount() -> Int {
        guard case .chunked(let chunk) = wholeLayout else { return 0 }
        return zip(extents, chunk).reduce(1) { $0 * (($1.0 + $1.1 - 1) / $1.1) }
    }

    /// The number of chunks that were ever written.
    package func writtenChunkCount() throws(HDF5Failure) -> Int {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let space = try HDF5Handle(H5Dget_space(handle.id), "open the data space of \(path)", close: H5Sclose)
            var count: hsize_t = 0
            guard H5Dget_num_chunks(handle.id, space.id, &count) >= 0 else {
                throw HDF5Failure("count the chunks of \(path)")
            }
            return Int(count)
        }
    }

    /// The stored bytes of the chunk at an offset; 0 when it was never written.
    package func storedSize(ofChunkAt offset: [Int]) throws(HDF5Failure) -> Int {
        try HDF5Library.perform { () throws(HDF5Failure) in
            var size: hsize_t = 0
            let first = plane.full(offset) { axis, index in
                guard case .chunked(let chunk) = wholeLayout else { return index }
                return index / chunk[axis] * chunk[axis]
            }
            guard H5Dget_chunk_storage_size(handle.id, first.map { hsize_t($0) }, &size) < 0 else { return Int(size) }
            // HDF5 1.10 reports a chunk without storage as an error.
            let failure = HDF5Failure("look for the chunk \(offset) of \(path)")
            guard failure.reason.contains("not allocated") else { throw failure }
            return 0
        }
    }

    /// The bytes that the values take in the file; 0 when none was ever written.
    func storageSize() -> Int {
        HDF5Library.perform { Int(H5Dget_storage_size(handle.id)) }
    }

    /// The bytes of one chunk as stored, before any filter is undone.
    package func readStoredChunk(at offset: [Int]) throws(HDF5Failure) -> [UInt8] {
        let size = try storedSize(ofChunkAt: offset)
        var bytes = [UInt8](repeating: 0, count: size)
        try HDF5Library.perform { () throws(HDF5Failure) in
            var mask: UInt32 = 0
            let status = H5Dread_chunk(
                handle.id, lacuna_h5p_default(), offset.map { hsize_t($0) }, &mask, &bytes)
            guard status >= 0, mask == 0 else { throw HDF5Failure("read the chunk \(offset) of \(path)") }
        }
        return bytes
    }

    // MARK: Writing

    /// Writes a block of values of `type`, in row-major order.
    package func write(
        start: [Int], extents: [Int], as type: ElementType, from buffer: UnsafeRawBufferPointer
    ) throws(HDF5Failure) {
        precondition(buffer.count >= extents.reduce(type.size, *), "the buffer is too small for \(extents)")
        try HDF5Library.perform { () throws(HDF5Failure) in
            let (file, memory) = try selection(start: start, extents: extents)
            let status = H5Dwrite(
                handle.id, type.nativeType, memory.id, file.id, lacuna_h5p_default(), buffer.baseAddress)
            guard status >= 0 else { throw HDF5Failure("write \(path) from \(start)") }
        }
    }

    /// Writes one chunk whose filters were applied by the caller.
    package func writeStoredChunk(at offset: [Int], bytes: UnsafeRawBufferPointer) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            let status = H5Dwrite_chunk(
                handle.id, lacuna_h5p_default(), 0, offset.map { hsize_t($0) }, bytes.count, bytes.baseAddress)
            guard status >= 0 else { throw HDF5Failure("write the chunk \(offset) of \(path)") }
        }
    }

    private func selection(start: [Int], extents: [Int]) throws(HDF5Failure) -> (file: HDF5Handle, memory: HDF5Handle) {
        precondition(
            start.count == shape.count && extents.count == shape.count, "a block needs an extent for each axis")
        let start = plane.full(start) { $1 }
        let extents = plane.full(extents) { _, _ in 1 }
        let file = try HDF5Handle(H5Dget_space(handle.id), "open the data space of \(path)", close: H5Sclose)
        let size = extents.map { hsize_t($0) }
        guard H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start.map { hsize_t($0) }, nil, size, nil) >= 0 else {
            throw HDF5Failure("select \(extents) from \(start) of \(path)")
        }
        let memory = try HDF5Handle(
            H5Screate_simple(Int32(size.count), size, nil), "describe a block of memory", close: H5Sclose)
        return (file, memory)
    }
}
