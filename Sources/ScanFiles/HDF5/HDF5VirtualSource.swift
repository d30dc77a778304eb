internal import CHDF5

/// One part of a virtual dataset: a block of it and the dataset, usually in another file, that holds the values.
package struct HDF5VirtualSource: Sendable, Equatable {
    /// The file name as the virtual dataset gives it: absolute, or relative to the directory of its own file;
    /// "." is the same file.
    package var file: String
    package var dataset: String
    /// First index and extents of the block within the virtual dataset, one for each axis.
    package var start: [Int]
    package var extents: [Int]
    /// First index of the block within the source.
    package var sourceStart: [Int]
    /// Extents of the block within the source; they may leave out axes of length 1. Empty stands for the whole source,
    /// whose shape the virtual dataset does not know.
    package var sourceExtents: [Int]
    /// False when the selection leaves out some of the block, as with interleaved files.
    package var isDense: Bool

    package init(
        file: String, dataset: String, start: [Int], extents: [Int], sourceStart: [Int], sourceExtents: [Int],
        isDense: Bool = true
    ) {
        self.file = file
        self.dataset = dataset
        self.start = start
        self.extents = extents
        self.sourceStart = sourceStart
        self.sourceExtents = sourceExtents
        self.isDense = isDense
    }
}

extension HDF5Dataset {
    /// The parts of a virtual dataset, in the order in which they are mapped; empty for other layouts.
    package func virtualSources() throws(HDF5Failure) -> [HDF5VirtualSource] {
        guard layout == .virtual else { return [] }
        return try HDF5Library.perform { () throws(HDF5Failure) in
            let creation = try HDF5Handle(
                H5Dget_create_plist(handle.id), "open the properties of \(path)", close: H5Pclose)
            var count = 0
            guard H5Pget_virtual_count(creation.id, &count) >= 0 else {
                throw HDF5Failure("count the sources of \(path)")
            }
            var sources: [HDF5VirtualSource] = []
            for index in 0..<count {
                let file = textOfUnknownLength { H5Pget_virtual_filename(creation.id, index, $0, $1) }
                let dataset = textOfUnknownLength { H5Pget_virtual_dsetname(creation.id, index, $0, $1) }
                guard let file, let dataset else { throw HDF5Failure("read the sources of \(path)") }
                let block = try bounds(of: H5Pget_virtual_vspace(creation.id, index))
                let sourceBlock = try bounds(of: H5Pget_virtual_srcspace(creation.id, index))
                sources.append(
                    HDF5VirtualSource(
                        file: file, dataset: dataset, start: block.start, extents: block.extents,
                        sourceStart: sourceBlock.start, sourceExtents: sourceBlock.extents,
                        isDense: block.isDense && (sourceBlock.isDense || sourceBlock.extents.isEmpty)))
            }
            return sources
        }
    }

    private func bounds(of spaceID: hid_t) throws(HDF5Failure) -> (start: [Int], extents: [Int], isDense: Bool) {
        let space = try HDF5Handle(spaceID, "read the sources of \(path)", close: H5Sclose)
        let rank = max(0, Int(H5Sget_simple_extent_ndims(space.id)))
        var first = [hsize_t](repeating: 0, count: rank)
        var last = [hsize_t](repeating: 0, count: rank)
        // A source that is mapped whole carries no selection of its own; an unlimited one has no bounds.
        if H5Sget_select_bounds(space.id, &first, &last) < 0 {
            H5Eclear2(lacuna_h5e_default())
            H5Sget_simple_extent_dims(space.id, &last, nil)
            return ([Int](repeating: 0, count: rank), last.map { Int($0) }, false)
        }
        let extents = zip(first, last).map { Int($1) - Int($0) + 1 }
        return (first.map { Int($0) }, extents, Int(H5Sget_select_npoints(space.id)) == extents.reduce(1, *))
    }
}
